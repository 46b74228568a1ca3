/** Memory that belongs to one process alone. */
import { readFileSync } from 'node:fs';

/** Bytes of memory that are in no file, which processes could share: on Linux; all resident memory elsewhere. */
export function privateBytes(): number {
  if (process.platform !== 'linux') return process.memoryUsage.rss();
  const [, kilobytes] = /^RssAnon:\s+(\d+) kB$/m.exec(readFileSync('/proc/self/status', 'latin1'))!;
  return Number(kilobytes) * 1024;
}
