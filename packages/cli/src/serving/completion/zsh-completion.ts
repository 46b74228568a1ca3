/** Completion for zsh. */
import type { CommandSpec } from '@serving/engine/command';
import { type Completed, type CompletedProgram, completedFlags, completedOperand } from './completion-words.js';

/** A script to be evaluated behind `compinit`. */
export function zshCompletion(programs: readonly CompletedProgram[]): string {
  return programs.map(programFunction).join('\n');
}

function programFunction({ name, commands }: CompletedProgram): string {
  const [only] = commands;
  const body = commands.length === 1 && only?.name === '' ? `  ${argumentsOf(only)}\n` : commandsBody(commands);
  return `_${name}_completion() {\n${body}}\ncompdef _${name}_completion ${name}\n`;
}

function commandsBody(commands: readonly CommandSpec[]): string {
  const described = commands.map(({ name, summary }) => `    ${quoted(`${name}:${summary}`)}\n`).join('');
  const cases = commands.map((spec) => `    ${spec.name}) ${argumentsOf(spec)} ;;\n`).join('');
  return `  local command=$words[2]
  if (( CURRENT == 2 )); then
    local -a commands=(
${described}    )
    _describe command commands
    return
  fi
  shift words
  (( CURRENT-- ))
  case $command in
${cases}  esac
`;
}

function argumentsOf(spec: CommandSpec): string {
  const flags = completedFlags(spec).map(({ name, usage, value }) => {
    const meaning = usage.replace(/[[\]\\:]/g, '\\$&');
    return quoted(value === undefined ? `${name}[${meaning}]` : `${name}=[${meaning}]:value:${action(value)}`);
  });
  const { operand } = spec;
  const operands = operand ? [quoted(`1:${operand.name.toLowerCase()}:${action(completedOperand(spec))}`)] : [];
  return `_arguments ${[...flags, ...operands].join(' \\\n      ')}`;
}

function action(completed: Completed): string {
  switch (completed.kind) {
    case 'words':
      return `(${completed.words.join(' ')})`;
    case 'file':
      return '_files';
    case 'folder':
      return '_files -/';
    case 'nothing':
      return ' ';
  }
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}
