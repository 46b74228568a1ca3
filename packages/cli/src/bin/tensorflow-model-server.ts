/** The process `tensorflow_model_server`: its streams, signals and exit code. */
import { constants } from 'node:os';
import { startTensorFlowModelServer } from '../tensorflow-model-server.js';

const started = await startTensorFlowModelServer(process.argv.slice(2), process);
if (typeof started === 'number') process.exit(started);

let isDraining = false;
for (const signal of ['SIGTERM', 'SIGINT'] as const) {
  process.on(signal, () => {
    if (isDraining) process.exit(128 + constants.signals[signal]);
    isDraining = true;
    process.stderr.write(`tensorflow_model_server: ${signal}: answering what is under way, then leaving\n`);
    started.close().then(
      () => process.exit(0),
      (error: unknown) => {
        process.stderr.write(`tensorflow_model_server: ${String(error)}\n`);
        process.exit(1);
      },
    );
  });
}
