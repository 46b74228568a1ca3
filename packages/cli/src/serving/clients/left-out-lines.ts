/** What a command says of signatures that its text doesn't have. */
import { printableLine, quoteName } from '@serving/core/extend';
import type { ClientModel } from './client-model.js';

export function leftOutLines(command: string, { leftOut }: ClientModel): string {
  return leftOut
    .map(({ name, reason }) => `${command}: left out signature ${quoteName(name)}: ${printableLine(reason)}\n`)
    .join('');
}
