/** What this process holds of the system: it must hold no more after its servers are closed than before. */
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';

/** Processes that this one has started and not waited for. */
function childProcesses(): number[] {
  const text = readFileSync(`/proc/self/task/${process.pid}/children`, 'latin1');
  return text.split(' ').filter(Boolean).map(Number);
}

/** The process of a model, or of one version of it, in whatever state; `undefined` while there is none. */
export function processOf(model: string, version?: number): number | undefined {
  const title = `(model ${model} version ${version === undefined ? '' : `${version})`}`;
  return childProcesses().find((pid) => commandOf(pid).includes(title));
}

function commandOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'latin1');
  } catch {
    return '';
  }
}

/** By name: children, descriptors, shared memory with a name, and mappings of shared memory without one. */
export function heldResources(): string[] {
  const mappings = readFileSync('/proc/self/maps', 'latin1').split('\n');
  return [
    ...childProcesses().map((pid) => `process ${pid}`),
    ...numbered(descriptorKinds()),
    ...readdirSync('/dev/shm').map((name) => `/dev/shm/${name}`),
    ...numbered(mappings.filter((line) => line.includes('serving-tensors')).map(() => 'shared mapping')),
  ];
}

/** What each descriptor is of, such as `descriptor of socket`. */
function descriptorKinds(): string[] {
  return readdirSync('/proc/self/fd').flatMap((descriptor) => {
    try {
      return [`descriptor of ${readlinkSync(`/proc/self/fd/${descriptor}`).replace(/:\[\d+\]$/, '')}`];
    } catch {
      // The folder's own.
      return [];
    }
  });
}

/** Tells equal names apart. */
function numbered(names: readonly string[]): string[] {
  const counts = new Map<string, number>();
  return names.map((name) => {
    const count = (counts.get(name) ?? 0) + 1;
    counts.set(name, count);
    return `${name} ${count}`;
  });
}
