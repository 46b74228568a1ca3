/** Takes from a model's process what it does not need. */
import { readdirSync } from 'node:fs';
import type { Libc, NativeFunction } from '../../native/libc.js';
import { isInherited, type PosixFunctions } from '../memory/posix-functions.js';

const PR_SET_PDEATHSIG = 1;
const PR_SET_NO_NEW_PRIVS = 38;
const SIGKILL = 9;

/** Who started this process. */
export interface ParentProcess {
  readonly pid: number;
  /** Whether the thread that started it lives as long as the process does. */
  readonly isMainThread: boolean;
}

/**
 * Makes the process end with its parent, gain no privileges, close the descriptors that it inherited except those given, and ignore the
 * signals that stop a service, which its parent handles.
 *
 * Returns `false` when the parent has ended already.
 */
export function confineProcess(
  libc: Libc,
  posix: PosixFunctions,
  parent: ParentProcess,
  descriptors: readonly number[],
): boolean {
  if (process.platform === 'linux') {
    const prctl: NativeFunction<[number, number, number, number, number], number> = libc.library.func(
      'int prctl(int option, unsigned long a, unsigned long b, unsigned long c, unsigned long d)',
    );
    prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
    // The signal comes when the thread ends that started the process, not its process: only the main thread is as good.
    if (parent.isMainThread) prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
  }
  closeInherited(posix, descriptors);
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => {});
  return posix.getppid() === parent.pid;
}

/** Node opens its own descriptors so that no program inherits them; the others came from the parent. */
function closeInherited(posix: PosixFunctions, kept: readonly number[]): void {
  for (const name of readdirSync(process.platform === 'linux' ? '/proc/self/fd' : '/dev/fd')) {
    const descriptor = Number(name);
    if (descriptor > 2 && !kept.includes(descriptor) && isInherited(posix, descriptor)) posix.close(descriptor);
  }
}
