/** A control group (cgroup v2) of Linux, in which the system itself limits the memory of a process. */
import { mkdirSync, readdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** The file system, as far as control groups need it. Each call throws where it fails. */
export interface CgroupFiles {
  read(path: string): string;
  write(path: string, text: string): void;
  makeFolder(path: string): void;
  removeFolder(path: string): void;
  /** Names in a folder. */
  list(path: string): readonly string[];
}

/** The machine's. */
export const systemCgroupFiles: CgroupFiles = {
  read: (path) => readFileSync(path, 'latin1'),
  write: (path, text) => writeFileSync(path, text),
  makeFolder: (path) => mkdirSync(path),
  removeFolder: (path) => rmdirSync(path),
  list: (path) => readdirSync(path),
};

const ROOT = '/sys/fs/cgroup';
const NAME = /^serving-model-(\d+)-\d+$/;

/** One process's group, which goes with it. */
export class MemoryCgroup {
  readonly #files: CgroupFiles;
  readonly #path: string;

  private constructor(files: CgroupFiles, path: string) {
    this.#files = files;
    this.#path = path;
  }

  /**
   * Makes a group below or beside this process's own, and puts the process into it. Returns `undefined` where that can't be done: without
   * cgroup v2, and where the group above is not this service's own, its files can't be written or it does not control memory.
   */
  static create(pid: number, limitBytes: number, files: CgroupFiles = systemCgroupFiles): MemoryCgroup | undefined {
    for (const parent of parents(files)) {
      removeLeftOvers(files, parent);
      const group = new MemoryCgroup(files, join(parent, `serving-model-${process.pid}-${pid}`));
      if (group.#begin(pid, limitBytes)) return group;
    }
    return undefined;
  }

  /** Whether the system has ended the process because it would have held more than the limit. */
  get hasExceeded(): boolean {
    const events = attempt(() => this.#files.read(join(this.#path, 'memory.events')));
    return Number(/^oom_kill (\d+)$/m.exec(events ?? '')?.[1] ?? 0) > 0;
  }

  /** Removes the group, whose process has ended. */
  remove(): void {
    attempt(() => this.#files.removeFolder(this.#path));
  }

  #begin(pid: number, limitBytes: number): boolean {
    const files = this.#files;
    const write = (name: string, text: string): void => files.write(join(this.#path, name), text);
    if (!attempt(() => files.makeFolder(this.#path) ?? true)) return false;
    try {
      write('memory.max', String(limitBytes));
      // Systems without swap have no such file.
      attempt(() => write('memory.swap.max', '0'));
      write('cgroup.procs', String(pid));
      return true;
    } catch {
      this.remove();
      return false;
    }
  }
}

/**
 * Groups that may have one more below them: this process's own, and the one above. A slice is the system's: a process there would be
 * outside of the limits of this process's service.
 */
function parents(files: CgroupFiles): string[] {
  const own = /^0::(\/.*)$/m.exec(attempt(() => files.read('/proc/self/cgroup')) ?? '')?.[1];
  if (own === undefined) return [];
  const path = join(ROOT, own);
  return [...new Set(own === '/' ? [path] : [path, dirname(path)])].filter((parent) => {
    if (parent.endsWith('.slice')) return false;
    const controllers = attempt(() => files.read(join(parent, 'cgroup.subtree_control')));
    return controllers?.trim().split(' ').includes('memory') ?? false;
  });
}

/** Groups of hosts that were killed themselves. */
function removeLeftOvers(files: CgroupFiles, parent: string): void {
  for (const name of attempt(() => files.list(parent)) ?? []) {
    const host = NAME.exec(name)?.[1];
    if (host === undefined || attempt(() => files.read(`/proc/${host}/stat`)) !== undefined) continue;
    attempt(() => files.removeFolder(join(parent, name)));
  }
}

function attempt<T>(action: () => T): T | undefined {
  try {
    return action();
  } catch {
    return undefined;
  }
}
