/** What completion offers of a command, whatever the shell. */
import { type CommandSpec, type Flag, flagsOf } from '@serving/engine/command';

/** A program as completion sees it: with commands, or one command without a name. */
export interface CompletedProgram {
  readonly name: string;
  readonly commands: readonly CommandSpec[];
}

/** What may follow `--name=`, or stand for an operand. */
export type Completed =
  | { readonly kind: 'words'; readonly words: readonly string[] }
  | { readonly kind: 'file' | 'folder' | 'nothing' };

/** A flag with its forms: `--no-NAME` for a negatable one, too. */
export interface CompletedFlag {
  /** With its dashes. */
  readonly name: string;
  readonly usage: string;
  /** `undefined` for a flag without a value. */
  readonly value: Completed | undefined;
}

/** The flags of a command, with `--help`. */
export function completedFlags(spec: CommandSpec): readonly CompletedFlag[] {
  const flags = Array.from(flagsOf(spec)).flatMap(([name, flag]): CompletedFlag[] => {
    if (flag.isNegatable) return [{ name: `--no-${name}`, usage: `Not: ${flag.usage}`, value: undefined }];
    return [{ name: `--${name}`, usage: flag.usage, value: flagValue(flag) }];
  });
  return flags.some(({ name }) => name === '--help')
    ? flags
    : [...flags, { name: '--help', usage: 'Prints help.', value: undefined }];
}

/** What the operand of a command may be. */
export function completedOperand({ operand }: CommandSpec): Completed {
  if (operand === undefined) return { kind: 'nothing' };
  return operand.values ? { kind: 'words', words: operand.values } : { kind: operand.takes ?? 'folder' };
}

function flagValue({ isBool, values, takes }: Flag<unknown>): Completed | undefined {
  if (isBool) return undefined;
  return values ? { kind: 'words', words: values } : { kind: takes ?? 'nothing' };
}
