/** Completion scripts for the programs of this package, made of their tables. */
import { modelServerSpec } from '../../model-server/model-server-spec.js';
import { savedModelCliProgram } from '../../saved-model-cli/saved-model-cli-program.js';
import { servingProgram } from '../serving-program.js';
import { bashCompletion } from './bash-completion.js';
import type { CompletedProgram } from './completion-words.js';
import { fishCompletion } from './fish-completion.js';
import { zshCompletion } from './zsh-completion.js';

const programs: readonly CompletedProgram[] = [
  servingProgram,
  savedModelCliProgram,
  { name: 'tensorflow_model_server', commands: [modelServerSpec] },
];

/** @param shell one of the operands of `serving completion` */
export function completionScript(shell: string): string {
  if (shell === 'zsh') return zshCompletion(programs);
  return shell === 'fish' ? fishCompletion(programs) : bashCompletion(programs);
}
