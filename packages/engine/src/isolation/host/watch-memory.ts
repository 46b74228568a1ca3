/** Ends a process that holds more memory than it may. */
import { readFile } from 'node:fs/promises';
import type { Clock } from '@serving/core/extend';

const INTERVAL_MS = 250;
const PAGE_BYTES = 4096;

/** What is watched. */
export interface WatchedProcess {
  readonly pid: number | undefined;
  /** Ends it at once. */
  kill(reason: string): void;
}

/** Checks the resident memory four times a second, until the returned function is called. Linux only. */
export function watchMemory(process: WatchedProcess, limitBytes: number, clock: Clock): () => void {
  let isStopped = false;
  let cancel = (): void => {};
  const lookLater = (): void => {
    cancel = clock.setTimer(() => void look(), INTERVAL_MS);
  };
  const look = async (): Promise<void> => {
    const bytes = await residentBytes(process.pid);
    if (isStopped) return;
    if (bytes > limitBytes) process.kill(`it held ${bytes} bytes of memory (memoryLimitBytes is ${limitBytes})`);
    else lookLater();
  };
  lookLater();
  return () => {
    isStopped = true;
    cancel();
  };
}

/** 0 where that is not known. */
async function residentBytes(pid: number | undefined): Promise<number> {
  const text = await readFile(`/proc/${pid}/statm`, 'latin1').catch(() => '');
  return Number(text.split(' ')[1] ?? 0) * PAGE_BYTES;
}
