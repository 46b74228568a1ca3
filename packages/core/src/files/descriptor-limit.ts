/** How many files and connections the process may have open. */
import { readFile } from 'node:fs/promises';

/** `undefined` outside of Linux, or where it is unlimited. */
export async function descriptorLimit(): Promise<number | undefined> {
  const limits = await readFile('/proc/self/limits', 'utf8').catch(() => '');
  const soft = /^Max open files\s+(\d+)/m.exec(limits)?.[1];
  return soft === undefined ? undefined : Number(soft);
}
