/** The process `tensorflow_model_server`: its streams, signals and exit code. */
import { setFlagsFromString } from 'node:v8';
import { printableLine } from '@serving/core/extend';
import { ignoreWriteErrors } from '@serving/engine/command';
import { heapGrowthFlag } from '../model-server/heap-growth.js';
import { startTensorFlowModelServer } from '../model-server/tensorflow-model-server.js';

ignoreWriteErrors(process.stdout, process.stderr);
const flag = heapGrowthFlag(process.execArgv);
if (flag !== undefined) setFlagsFromString(flag);

const started = await startTensorFlowModelServer(process.argv.slice(2), process);
if (typeof started === 'number') process.exit(started);

const signals = ['SIGTERM', 'SIGINT'] as const;
for (const signal of signals) {
  process.once(signal, () => {
    // The next signal ends the process the system's way: process.exit would wait for runs that are under way.
    for (const each of signals) process.removeAllListeners(each);
    process.stderr.write(`tensorflow_model_server: ${signal}: answering what is in flight, then leaving\n`);
    started.shutDown().then(
      (outcome) => {
        if (outcome === 'complete') process.exit(0);
        process.stderr.write(
          'tensorflow_model_server: --shutdown_grace_seconds have passed: giving up what is in flight\n',
        );
        process.kill(process.pid, signal);
      },
      (error: unknown) => {
        process.stderr.write(`tensorflow_model_server: ${printableLine(String(error))}\n`);
        process.exit(1);
      },
    );
  });
}
