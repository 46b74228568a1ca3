/** Completion for bash. */
import type { CommandSpec } from '@serving/engine/command';
import {
  type Completed,
  type CompletedFlag,
  type CompletedProgram,
  completedFlags,
  completedOperand,
} from './completion-words.js';

/** A script to be sourced. It needs bash 3.2 or newer, and no other script. */
export function bashCompletion(programs: readonly CompletedProgram[]): string {
  return `${programs.map(programFunction).join('\n')}
# Puts what begins with the current word into COMPREPLY: words, files (-f) or folders (-d).
_serving_reply() {
  local kind=$1 words=$2 line
  COMPREPLY=()
  while IFS= read -r line; do COMPREPLY+=("$line"); done < <(
    if [[ $kind == words ]]; then compgen -W "$words" -- "$cur"; else compgen "$kind" -- "$cur"; fi
  )
  if [[ $kind != words ]]; then compopt -o filenames 2> /dev/null
  elif [[ \${#COMPREPLY[@]} == 1 && \${COMPREPLY[0]} == *= ]]; then compopt -o nospace 2> /dev/null
  fi
  return 0
}
`;
}

/** Bash splits words at "=": the flag is two words back then. */
function programFunction({ name, commands }: CompletedProgram): string {
  const isOne = commands.length === 1 && commands[0]?.name === '';
  const cases = commands.map((spec) => `    ${isOne ? '*' : spec.name})\n${commandCase(spec)}      ;;\n`).join('');
  const names = [...commands.map((spec) => spec.name), '--help', '--version'].join(' ');
  const first = isOne ? '' : `  if ((COMP_CWORD == 1)); then _serving_reply words '${names}'; return; fi\n`;
  return `_${name}_completion() {
  local cur=\${COMP_WORDS[COMP_CWORD]} flag=\${COMP_WORDS[COMP_CWORD - 1]}
  if [[ $cur == = ]]; then cur=
  elif [[ $flag == = ]]; then flag=\${COMP_WORDS[COMP_CWORD - 2]}
  fi
  COMPREPLY=()
${first}  case \${COMP_WORDS[1]} in
${cases}  esac
}
complete -F _${name}_completion ${name}
`;
}

function commandCase(spec: CommandSpec): string {
  const flags = completedFlags(spec);
  const values = flags.filter(hasValue).map(({ name, value }) => `        ${name}) ${reply(value)} ;;\n`);
  const words = flags.map(({ name, value }) => (value === undefined ? name : `${name}=`)).join(' ');
  const operand = reply(completedOperand(spec));
  return `      case $flag in
${values.join('')}        *) if [[ $cur == -* ]]; then _serving_reply words '${words}'; else ${operand}; fi ;;
      esac
`;
}

function hasValue(flag: CompletedFlag): flag is CompletedFlag & { readonly value: Completed } {
  return flag.value !== undefined;
}

function reply(completed: Completed): string {
  switch (completed.kind) {
    case 'words':
      return `_serving_reply words '${completed.words.join(' ')}'`;
    case 'file':
      return '_serving_reply -f';
    case 'folder':
      return '_serving_reply -d';
    case 'nothing':
      return ':';
  }
}
