/** The lines about signatures that a command leaves out. */
import { printableLine, quoteName } from '@serving/core/extend';
import type { ClientModel } from './client-model.js';

export function leftOutLines(command: string, { leftOut }: ClientModel): string {
  return leftOut
    .map(({ name, reason }) => `${command}: left out signature ${quoteName(name)}: ${printableLine(reason)}\n`)
    .join('');
}
