/** The process `serving-engine`, where package managers link the commands of direct dependencies only. */
import { runCommandLine, runEngineCommand } from '@serving/engine/command';

await runCommandLine('serving-engine', (signal) =>
  runEngineCommand(process.argv.slice(2), process, { signal, origin: import.meta.url }),
);
