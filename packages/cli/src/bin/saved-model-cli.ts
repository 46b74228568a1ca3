/** The process `saved_model_cli`: its streams and exit code. */
import { runSavedModelCli } from '../saved-model-cli/saved-model-cli.js';
import { endOnWriteError } from './standard-streams.js';

endOnWriteError('saved_model_cli', process, (code) => process.exit(code));
process.exitCode = await runSavedModelCli(process.argv.slice(2), process);
