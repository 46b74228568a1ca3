/** The process `serving`: its streams, signals and exit code. */
import { constants } from 'node:os';
import { runServing } from '../serving/serving.js';
import { endOnWriteError, flushed } from './standard-streams.js';

const controller = new AbortController();
let exitCode: number | undefined;
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.on(signal, () => end(128 + constants.signals[signal]));
}
endOnWriteError('serving', process, end);
const code = await runServing(process.argv.slice(2), process, { signal: controller.signal });
await flushed(process.stdout);
process.exit(exitCode ?? code);

/** Lets an installation clean up after itself; a second reason to end is not waited for. */
function end(code: number): void {
  if (exitCode !== undefined) process.exit(code);
  exitCode = code;
  controller.abort();
}
