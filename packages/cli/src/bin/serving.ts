/** The process `serving`: its streams, signals and exit code. */
import { constants } from 'node:os';
import { runServing } from '../serving.js';

const controller = new AbortController();
let exitCode: number | undefined;
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.on(signal, () => {
    const code = 128 + constants.signals[signal];
    if (exitCode !== undefined) process.exit(code);
    exitCode = code;
    controller.abort();
  });
}
const code = await runServing(process.argv.slice(2), process, { signal: controller.signal });
process.exit(exitCode ?? code);
