/** The process `serving`. */
import { runCommandLine } from '@serving/engine/command';
import { runServing } from '../serving/serving.js';

await runCommandLine('serving', (signal) => runServing(process.argv.slice(2), process, { signal }));
