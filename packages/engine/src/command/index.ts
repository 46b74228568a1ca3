/**
 * The commands `install` and `doctor`, for programs that offer them too.
 *
 * @module @serving/engine/command
 */

export { runCommandLine } from './command-line.js';
export {
  type CommandSpec,
  type ForeignFlags,
  flagsOf,
  type OperandSpec,
  type ProgramSpec,
  usualExitCodes,
} from './command-spec.js';
export { type EngineCommandOptions, runEngineCommand } from './engine-command.js';
export { doctorSpec, engineProgram, type InstallFlags, installSpec } from './engine-specs.js';
export {
  addedFlag,
  boolFlag,
  choiceFlag,
  type Flag,
  type FlagTable,
  type FlagValues,
  fileFlag,
  floatFlag,
  folderFlag,
  int64Flag,
  intFlag,
  limitFlag,
  negatableFlag,
  type ParsedFlags,
  parseFlags,
  stringFlag,
  stringListFlag,
} from './flags.js';
export { commandHelp, defaultText, programHelp, usageLine } from './help-text.js';
export type { LibraryTools } from './library-tools.js';
export type { Output, TextSink } from './output.js';
export {
  asksForHelp,
  findCommand,
  flagHint,
  type ParsedCommand,
  readCommandLine,
  WRONG_USAGE,
} from './parse-command.js';
export { endOnWriteError, ignoreWriteErrors, type OutputStream } from './standard-streams.js';
