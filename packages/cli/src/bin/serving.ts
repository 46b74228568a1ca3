/** The process `serving`. */
import { setFlagsFromString } from 'node:v8';
import { ignoreWriteErrors, runCommandLine } from '@serving/engine/command';
import { heapGrowthFlag } from '../model-server/heap-growth.js';
import { logProcessWarnings } from '../model-server/process-warnings.js';
import { runServing } from '../serving/serving.js';

const argv = process.argv.slice(2);
if (argv[0] === 'serve') await runServer();
else await runCommandLine('serving', (signal) => runServing(argv, process, { signal }));

/** A server that is stopped by a signal has not failed; the second signal ends the process the system's way. */
async function runServer(): Promise<void> {
  ignoreWriteErrors(process.stdout, process.stderr);
  const flag = heapGrowthFlag(process.execArgv);
  if (flag !== undefined) setFlagsFromString(flag);
  const controller = new AbortController();
  const signals = ['SIGTERM', 'SIGINT'] as const;
  for (const signal of signals) {
    process.once(signal, () => {
      for (const each of signals) process.removeAllListeners(each);
      controller.abort();
    });
  }
  process.exit(await runServing(argv, process, { signal: controller.signal, onLogger: logProcessWarnings }));
}
