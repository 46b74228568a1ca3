/** A command line against the table of its command. */

import { nearestName, printableLine } from '@serving/core/portable';
import { type CommandSpec, flagsOf, type ProgramSpec } from './command-spec.js';
import { parseFlags } from './flags.js';
import { commandHelp, programHelp, usageLine } from './help-text.js';
import type { Output } from './output.js';

/** A command line that is understood. */
export interface ParsedCommand<Values> {
  readonly values: Values;
  /** Empty for a command without one, or where it is left out. */
  readonly operand: string;
}

/** Exit code of a command line that is not understood. */
export const WRONG_USAGE = 2;

/**
 * Prints help for `--help`, and for a wrong command line its error and the usage in one line. Returns the values of the command line, or
 * the exit code.
 *
 * @param siblings the program's commands, for flags that another one has
 */
export function readCommandLine<Values extends object>(
  program: string,
  spec: CommandSpec<Values>,
  argv: readonly string[],
  { stdout, stderr }: Output,
  siblings: readonly CommandSpec[] = [],
): ParsedCommand<Values> | number {
  if (asksForHelp(argv)) {
    stdout.write(commandHelp(program, spec));
    return 0;
  }
  const { values, given, unknown, invalid } = parseFlags<Values>(spec.flags, argv);
  const operands = unknown.filter((argument) => !argument.startsWith('-'));
  const problems = [
    ...unknown
      .filter((argument) => argument.startsWith('-'))
      .map((argument) => unknownFlag(argument, spec, program, siblings)),
    ...invalid.map((argument) => invalidValue(argument, spec)),
    ...operandProblems(spec, operands),
    ...(spec.required ?? [])
      .filter((name) => !given.has(name as keyof Values & string))
      .map((name) => `--${name} is missing`),
  ];
  if (problems.length === 0) return { values, operand: operands[0] ?? '' };
  const name = [program, spec.name].filter(Boolean).join(' ');
  const lines = problems.map((problem) => `${name}: ${printableLine(problem)}\n`).join('');
  stderr.write(`${lines}usage: ${usageLine(program, spec)}\n${seeHelp(name)}`);
  return WRONG_USAGE;
}

/** The command that a command line names. Prints help, or what is wrong, and returns the exit code where there is none. */
export function findCommand(
  program: ProgramSpec,
  argv: readonly string[],
  { stdout, stderr }: Output,
): CommandSpec | number {
  const [first] = argv;
  if (first === undefined) {
    stderr.write(programHelp(program));
    return WRONG_USAGE;
  }
  if (first === '--help' || first === '-h' || first === 'help') {
    stdout.write(programHelp(program));
    return 0;
  }
  const found = program.commands.find(({ name }) => name === first);
  if (found) return found;
  const names = program.commands.map(({ name }) => name);
  const what = first.startsWith('-') ? `"${first}" is not a command` : `unknown command "${first}"`;
  stderr.write(
    `${program.name}: ${printableLine(what)}${didYouMean(nearestName(first, names))}\n${seeHelp(program.name, 'commands')}`,
  );
  return WRONG_USAGE;
}

/** `unknown flag --prot (did you mean --port?)`, or which command, or program, has the flag. */
function unknownFlag(argument: string, spec: CommandSpec, program: string, siblings: readonly CommandSpec[]): string {
  const flag = argument.replace(/=.*/s, '');
  const fix = flagHint(flag, spec);
  const owners = siblings.filter((sibling) => flagsOf(sibling).has(nameOf(flag)));
  if (fix !== '' || owners.length === 0) return `unknown flag ${flag}${fix}`;
  return `unknown flag ${flag} (a flag of ${owners.map(({ name }) => `${program} ${name}`).join(', ')})`;
}

/**
 * ` (did you mean --port?)`, ` (did you mean --port? --rest_api_port is tensorflow_model_server's)`, or nothing where no flag is near.
 *
 * @param flag as it was written, without a value
 */
export function flagHint(flag: string, spec: Pick<CommandSpec, 'flags' | 'foreignFlags'>): string {
  const name = nameOf(flag);
  for (const { program, flags } of spec.foreignFlags ?? []) {
    if (Object.hasOwn(flags, name)) return ` (did you mean ${flags[name]}? ${flag} is ${program}'s)`;
  }
  const near = nearestName(name, [...flagsOf(spec).keys()]);
  return didYouMean(near && `--${near}`);
}

function nameOf(flag: string): string {
  return flag.replace(/^-+(?:no-)?/, '').replaceAll('-', '_');
}

/** Whether `--help` stands before any `--`. */
export function asksForHelp(argv: readonly string[]): boolean {
  return argv.includes('--help') || argv.includes('-h');
}

function didYouMean(near: string | undefined): string {
  return near === undefined ? '' : ` (did you mean ${near}?)`;
}

function invalidValue(argument: string, spec: CommandSpec): string {
  const [, name = '', value = ''] = /^--(?:no-)?(\w+)[= ]?(.*)$/s.exec(argument) ?? [];
  const { values, typeName = '' } = flagsOf(spec).get(name) ?? {};
  return `--${name} must be ${values?.join(' or ') ?? valueNames.get(typeName) ?? typeName} (got ${JSON.stringify(value)})`;
}

const valueNames: ReadonlyMap<string, string> = new Map([
  ['bool', 'true or false'],
  ['int32', 'an integer'],
  ['int64', 'an integer'],
  ['float', 'a number'],
  ['int32 or false', 'an integer or false'],
]);

function operandProblems({ operand }: CommandSpec, given: readonly string[]): string[] {
  const [first, ...others] = given;
  const extra = operand === undefined ? given : others;
  const problems = extra.map((argument) => `unexpected argument "${argument}"`);
  if (operand === undefined) return problems;
  if (first === undefined || first === '')
    return operand.isOptional ? problems : [`${operand.name} is missing`, ...problems];
  if (operand.values === undefined || operand.values.includes(first)) return problems;
  return [`${operand.name} must be ${operand.values.join(', ')} (got "${first}")`, ...problems];
}

function seeHelp(command: string, what = 'flags'): string {
  return `\`${command} --help\` lists the ${what}.\n`;
}
