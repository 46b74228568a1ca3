/** The process `saved_model_cli`: its streams and exit code. */

import { endOnWriteError } from '@serving/engine/command';
import { runSavedModelCli } from '../saved-model-cli/saved-model-cli.js';

endOnWriteError('saved_model_cli', process, (code) => process.exit(code));
process.exitCode = await runSavedModelCli(process.argv.slice(2), process);
