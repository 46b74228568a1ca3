/** The process `tensorflow_model_server`: its streams, signals and exit code. */
import { setFlagsFromString } from 'node:v8';
import { errorText } from '@serving/core/internal';
import { ignoreWriteErrors } from '@serving/engine/command';
import { heapGrowthFlag } from '../model-server/heap-growth.js';
import { logProcessWarnings } from '../model-server/process-warnings.js';
import { startTensorFlowModelServer } from '../model-server/tensorflow-model-server.js';

ignoreWriteErrors(process.stdout, process.stderr);
const flag = heapGrowthFlag(process.execArgv);
if (flag !== undefined) setFlagsFromString(flag);

const started = await startTensorFlowModelServer(process.argv.slice(2), process, logProcessWarnings);
if (typeof started === 'number') process.exit(started);

const signals = ['SIGTERM', 'SIGINT'] as const;
for (const signal of signals) {
  process.once(signal, () => {
    // The next signal ends the process as the system does: process.exit would wait for the runs in flight.
    for (const each of signals) process.removeAllListeners(each);
    started.logger.info({}, `${signal}: draining: requests in flight are answered`);
    started.shutDown().then(
      (outcome) => {
        if (outcome === 'complete') process.exit(0);
        started.logger.warn({}, '--shutdown_grace_seconds have passed: requests in flight are given up');
        process.kill(process.pid, signal);
      },
      (error: unknown) => {
        started.logger.error({}, errorText(error));
        process.exit(1);
      },
    );
  });
}
