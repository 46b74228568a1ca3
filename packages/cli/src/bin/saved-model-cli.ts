/** The process `saved_model_cli`: its streams and exit code. */
import { constants } from 'node:os';
import { runSavedModelCli } from '../saved-model-cli.js';

// Whoever reads may have seen enough, such as `head`.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error;
  process.exit(128 + constants.signals.SIGPIPE);
});
process.exitCode = await runSavedModelCli(process.argv.slice(2), process);
