/** Ends a process that takes more memory than it may. */
import type { Clock } from '@serving/core/extend';
import { type CgroupFiles, MemoryCgroup, systemCgroupFiles } from './memory-cgroup.js';
import { type WatchedProcess, watchMemory } from './watch-memory.js';

/**
 * Lets the system limit it where it can, and watches it elsewhere, until the returned function is called. That returns why the process has
 * ended, when the system has ended it for this.
 */
export function limitMemory(
  process: WatchedProcess,
  limitBytes: number,
  clock: Clock,
  files: CgroupFiles = systemCgroupFiles,
): () => string | undefined {
  const { pid } = process;
  const group = pid === undefined ? undefined : MemoryCgroup.create(pid, limitBytes, files);
  if (group === undefined) {
    const stop = watchMemory(process, limitBytes, clock);
    return () => void stop();
  }
  return () => {
    const { hasExceeded } = group;
    group.remove();
    return hasExceeded ? `it held more memory than it may (memoryLimitBytes is ${limitBytes})` : undefined;
  };
}
