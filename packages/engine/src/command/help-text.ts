/** Help from the tables of commands, in 100 columns. */
import { type CommandSpec, flagsOf, type ProgramSpec } from './command-spec.js';
import type { Flag } from './flags.js';

const WIDTH = 100;
/** Longer names of flags have a line of their own. */
const MAX_HEAD = 30;

/** What `PROGRAM COMMAND --help` prints. */
export function commandHelp(program: string, spec: CommandSpec): string {
  const { summary, details = [], operand, examples, exitCodes } = spec;
  const sections = [
    `usage: ${usageLine(program, spec)}`,
    ...[summary, ...details].map((paragraph) => wrapped(paragraph, 0)),
    ...(operand === undefined ? [] : [table([[operand.name, operand.meaning]]).trimEnd()]),
    ...flagSections(spec),
    `Examples:\n${examples.map((line) => `  ${program} ${line}`).join('\n')}`,
    exitCodesText(exitCodes),
  ];
  return `${sections.join('\n\n')}\n`;
}

/** What `PROGRAM --help` prints. */
export function programHelp({ name, summary, commands, exitCodes }: ProgramSpec): string {
  const rows = commands.map((spec): Row => [[spec.name, operandText(spec)].filter(Boolean).join(' '), spec.summary]);
  return `usage: ${name} COMMAND [flags]

${wrapped(summary, 0)}

Commands:
${table(rows).trimEnd()}

\`${name} COMMAND --help\` lists the flags of a command.
\`${name} --version\` prints the version.

${exitCodesText(exitCodes)}
`;
}

/** Such as `serving serve FOLDER [flags]`. */
export function usageLine(program: string, spec: CommandSpec): string {
  const required = (spec.required ?? []).map((name) => `--${name}=${valueName(spec, name)}`);
  return [program, spec.name, operandText(spec), ...required, '[flags]'].filter(Boolean).join(' ');
}

/** How a flag's default is written on the command line. */
export function defaultText({ default: value, typeName }: Flag<unknown>): string {
  if (typeName !== 'string') return String(value);
  const text = Array.isArray(value) ? value.join(',') : String(value);
  return text === '' || /\s/.test(text) ? JSON.stringify(text) : text;
}

type Row = readonly [head: string, text: string];

function operandText({ operand }: CommandSpec): string {
  if (operand === undefined) return '';
  return operand.isOptional ? `[${operand.name}]` : operand.name;
}

function valueName(spec: CommandSpec, name: string): string {
  const takes = flagsOf(spec).get(name)?.takes;
  return takes === undefined ? 'VALUE' : { file: 'FILE', folder: 'DIR' }[takes];
}

function flagSections(spec: CommandSpec): string[] {
  const flags = flagsOf(spec);
  if (flags.size === 0) return [];
  const groups = spec.flagGroups ?? new Map([['Flags', Array.from(flags.keys())]]);
  return Array.from(groups, ([heading, names]) => {
    const rows = names.map((name) => flagRow(name, flags.get(name)!, spec));
    return `${heading}:\n${table(rows).trimEnd()}`;
  });
}

function flagRow(name: string, flag: Flag<unknown>, { required, withoutEffect }: CommandSpec): Row {
  const text = [
    flag.usage,
    ...(flag.isNegatable ? [`--no-${name} turns it off.`] : []),
    ...(required?.includes(name) ? ['Required.'] : []),
    ...(flag.isAdded ? ['(added here)'] : []),
    ...(withoutEffect?.has(name) ? ['(without effect here)'] : []),
    ...(flag.typeName === 'bool' || flag.typeName === 'string' ? [] : [`(${flag.typeName})`]),
  ];
  return [`--${name}=${defaultText(flag)}`, text.join(' ')];
}

/** Heads in a column, texts beside them; below a head that is longer than the column. */
function table(rows: readonly Row[]): string {
  const column = Math.max(...rows.map(([head]) => (head.length > MAX_HEAD ? 0 : head.length)));
  const indent = column === 0 ? 6 : column + 4;
  return rows
    .map(([head, text]) => {
      const lines = wrapped(text, indent).trimStart();
      return head.length > column
        ? `  ${head}\n${' '.repeat(indent)}${lines}\n`
        : `  ${head.padEnd(indent - 2)}${lines}\n`;
    })
    .join('');
}

/** Lines of words, each with the indent. */
function wrapped(text: string, indent: number): string {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    if (line !== '' && indent + line.length + 1 + word.length > WIDTH) {
      lines.push(line);
      line = word;
    } else line = line === '' ? word : `${line} ${word}`;
  }
  return [...lines, line].map((each) => `${' '.repeat(indent)}${each}`).join('\n');
}

function exitCodesText(codes: CommandSpec['exitCodes']): string {
  return `Exit codes:\n${codes.map(([code, meaning]) => `  ${String(code).padEnd(4)} ${meaning}`).join('\n')}`;
}
