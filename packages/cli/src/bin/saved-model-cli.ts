/** The process `saved_model_cli`: its streams and exit code. */
import { runSavedModelCli } from '../saved-model-cli.js';

process.exitCode = await runSavedModelCli(process.argv.slice(2), process);
