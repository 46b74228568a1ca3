/** The process `serving-engine`. */
import { runCommandLine } from '../command/command-line.js';
import { runEngineCommand } from '../command/engine-command.js';

await runCommandLine('serving-engine', (signal) => runEngineCommand(process.argv.slice(2), process, { signal }));
