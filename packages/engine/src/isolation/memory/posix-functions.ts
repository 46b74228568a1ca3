/** Functions of POSIX and Linux that processes share memory and a socket pair with. */
import { ServingError } from '@serving/core';
import { errno } from 'koffi';
import type { Address, CallMemory, Libc, NativeFunction } from '../../native/libc.js';

/** The system calls, as C declares them: a negative result is a failure. */
export interface PosixFunctions {
  readonly socketpair: NativeFunction<[domain: number, type: number, protocol: number, pair: CallMemory], number>;
  readonly send: NativeFunction<[socket: number, bytes: CallMemory, length: number, flags: number], number>;
  readonly ftruncate: NativeFunction<[descriptor: number, bytes: number], number>;
  readonly mmap: NativeFunction<
    [address: Address, bytes: number, protection: number, flags: number, descriptor: number, offset: number],
    Address
  >;
  readonly munmap: NativeFunction<[address: Address, bytes: number], number>;
  readonly madvise: NativeFunction<[address: Address, bytes: number, advice: number], number>;
  readonly fcntl: NativeFunction<[descriptor: number, command: number, argument: number], number>;
  readonly close: NativeFunction<[descriptor: number], number>;
  readonly getppid: NativeFunction<[], number>;
  /** Ends the process at once: no handlers, no destructors. */
  readonly exitNow: NativeFunction<[code: number], void>;
}

/** Declares them for this thread. */
export function declarePosix({ library }: Libc): PosixFunctions {
  return {
    socketpair: library.func('int socketpair(int domain, int type, int protocol, _Out_ void* pair)'),
    send: library.func('intptr_t send(int socket, const void* bytes, size_t length, int flags)'),
    ftruncate: library.func('int ftruncate(int descriptor, int64_t bytes)'),
    mmap: library.func(
      'uintptr_t mmap(uintptr_t address, size_t bytes, int protection, int flags, int descriptor, int64_t offset)',
    ),
    munmap: library.func('int munmap(uintptr_t address, size_t bytes)'),
    madvise: library.func('int madvise(uintptr_t address, size_t bytes, int advice)'),
    fcntl: declareFcntl(library),
    close: library.func('int close(int descriptor)'),
    getppid: library.func('int getppid()'),
    exitNow: library.func('void _exit(int code)'),
  };
}

/** Its last argument is a variable one, which some systems pass in another way than a declared one. */
function declareFcntl(library: Libc['library']): PosixFunctions['fcntl'] {
  const fcntl = library.func('int fcntl(int descriptor, int command, ...)');
  const call = (descriptor: number, command: number, argument: number): number =>
    fcntl(descriptor, command, 'int', argument);
  return Object.assign(call, { async: fcntl.async as PosixFunctions['fcntl']['async'] });
}

/** The error of a system call that has just failed. */
export function systemCallError(name: string): ServingError {
  return new ServingError('RESOURCE_EXHAUSTED', `The system call ${name} failed with errno ${errno()}`);
}

/** Keeps a descriptor from programs that this process starts. */
export function closeOnExec(posix: PosixFunctions, descriptor: number): void {
  if (posix.fcntl(descriptor, F_SETFD, FD_CLOEXEC) < 0) throw systemCallError('fcntl');
}

/** Whether a descriptor stays open in programs that this process starts; `false` for one that is not open. */
export function isInherited(posix: PosixFunctions, descriptor: number): boolean {
  const flags = posix.fcntl(descriptor, F_GETFD, 0);
  return flags >= 0 && (flags & FD_CLOEXEC) === 0;
}

const F_GETFD = 1;
const F_SETFD = 2;
const FD_CLOEXEC = 1;
