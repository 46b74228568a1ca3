/** Completion for fish. */
import type { CommandSpec } from '@serving/engine/command';
import { type Completed, type CompletedProgram, completedFlags, completedOperand } from './completion-words.js';

/** Lines to be sourced. */
export function fishCompletion(programs: readonly CompletedProgram[]): string {
  return programs.map(programLines).join('\n');
}

function programLines({ name, commands }: CompletedProgram): string {
  const complete = `complete -c ${name}`;
  const lines = commands.flatMap((spec) => {
    const isOne = spec.name === '';
    const when = isOne ? '' : ` -n ${quoted(`__fish_seen_subcommand_from ${spec.name}`)}`;
    const self = isOne ? [] : [`${complete} -n __fish_use_subcommand -a ${spec.name} -d ${quoted(spec.summary)}`];
    return [...self, ...argumentLines(`${complete}${when}`, spec)];
  });
  return `${[`${complete} -f`, ...lines].join('\n')}\n`;
}

function argumentLines(complete: string, spec: CommandSpec): string[] {
  const flags = completedFlags(spec).map(({ name, usage, value }) => {
    const described = `${complete} -l ${name.slice(2)} -d ${quoted(usage)}`;
    return value === undefined ? described : `${described} ${valueOptions(value)}`;
  });
  const operand = completedOperand(spec);
  return operand.kind === 'nothing' ? flags : [...flags, `${complete} ${valueOptions(operand).replace(/^-\w /, '')}`];
}

function valueOptions(completed: Completed): string {
  switch (completed.kind) {
    case 'words':
      return `-x -a ${quoted(completed.words.join(' '))}`;
    case 'file':
      return '-r -F';
    case 'folder':
      return "-x -a '(__fish_complete_directories)'";
    case 'nothing':
      return '-x';
  }
}

function quoted(text: string): string {
  return `'${text.replace(/['\\]/g, '\\$&')}'`;
}
