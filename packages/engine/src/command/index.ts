/**
 * The commands `install` and `doctor`, for programs that offer them too.
 *
 * @module @serving/engine/command
 */

export { runCommandLine } from './command-line.js';
export {
  type EngineCommandOptions,
  engineCommandsUsage,
  type LibraryTools,
  runEngineCommand,
} from './engine-command.js';
export type { Output, TextSink } from './output.js';
export { endOnWriteError, ignoreWriteErrors, type OutputStream } from './standard-streams.js';
