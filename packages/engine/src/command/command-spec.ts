/** What a command takes: parsing, help, completion and the documentation read it. */
import type { Flag, FlagTable } from './flags.js';

/** The argument of a command that is not a flag. */
export interface OperandSpec {
  /** Such as `FOLDER`. */
  readonly name: string;
  /** A sentence. */
  readonly meaning: string;
  /** Whether the command can do without it. Default: false. */
  readonly isOptional?: boolean;
  /** The words that it may be, where they are few. */
  readonly values?: readonly string[];
  /** What it names, for completion. Default: a folder, unless `values` are given. */
  readonly takes?: 'file' | 'folder' | 'nothing';
}

/** Flags of another program, which are mistaken for the command's. */
export interface ForeignFlags {
  readonly program: string;
  /** By their names, with underscores for dashes: what the command has in their place, such as `--port`. */
  readonly flags: Readonly<Record<string, string>>;
}

/** A command; or a program that is one. */
export interface CommandSpec<Values extends object = object> {
  /** The words before its arguments, behind the program's name; empty for a program that is one command. */
  readonly name: string;
  /** One sentence. */
  readonly summary: string;
  /** Paragraphs below it. */
  readonly details?: readonly string[];
  readonly operand?: OperandSpec;
  readonly flags: FlagTable<Values>;
  /** Headings of the help, each with the names of its flags; every flag is in one of them. Default: one list. */
  readonly flagGroups?: ReadonlyMap<string, readonly string[]>;
  /** Names of flags that must be given. */
  readonly required?: readonly string[];
  /** Names of flags that are accepted and change nothing. */
  readonly withoutEffect?: ReadonlySet<string>;
  /** For the message about an unknown flag. */
  readonly foreignFlags?: readonly ForeignFlags[];
  /** Command lines without the program's name. */
  readonly examples: readonly string[];
  /** By code, in order. */
  readonly exitCodes: readonly (readonly [code: number, meaning: string])[];
}

/** A program with commands. */
export interface ProgramSpec {
  readonly name: string;
  /** One sentence. */
  readonly summary: string;
  readonly commands: readonly CommandSpec[];
  readonly exitCodes: readonly (readonly [code: number, meaning: string])[];
}

/** Ends of commands that run to their end. */
export const usualExitCodes: readonly (readonly [number, string])[] = [
  [0, 'success'],
  [1, 'failure; the reason is on stderr'],
  [2, 'wrong command line'],
  [130, 'ended by Ctrl+C (143 by SIGTERM)'],
];

/** The flags of a command by name, in order. */
export function flagsOf({ flags }: Pick<CommandSpec, 'flags'>): ReadonlyMap<string, Flag<unknown>> {
  return new Map(Object.entries<Flag<unknown>>(flags as Readonly<Record<string, Flag<unknown>>>));
}
