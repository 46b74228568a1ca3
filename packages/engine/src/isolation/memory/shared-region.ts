/** Memory that the host and a child process both map. */
import { close, closeSync } from 'node:fs';
import { ServingError } from '@serving/core';
import type { Address, Libc, NativeFunction } from '../../native/libc.js';
import { closeOnExec, type PosixFunctions, systemCallError } from './posix-functions.js';

/**
 * Sizes to try, in bytes. Pages take memory only when they are written to, so the size is one of addresses; systems may limit those
 * (`ulimit -v`).
 */
const SIZES: readonly number[] = [2 ** 36, 2 ** 33, 2 ** 30];

const PROT_READ_WRITE = 1 | 2;
const MAP_SHARED = 1;
/** Of <sys/mman.h>, which differ by system. */
const MAP_NORESERVE = process.platform === 'darwin' ? 0x40 : 0x4000;
const MFD_CLOEXEC = 1;
const MADV_REMOVE = 9;
const MADV_DONTDUMP = 16;
/** O_RDWR | O_CREAT | O_EXCL of macOS. */
const DARWIN_CREATE = 0x2 | 0x200 | 0x800;
const OWNER_ONLY = 0o600;

/** A mapping, and the descriptor that another process maps it by. The memory is gone when the last of both is. */
export interface SharedRegion {
  readonly address: Address;
  readonly bytes: number;
  /** Returns pages to the system; they read as zeros afterwards. Ignored where the system can't. */
  discard(offset: number, bytes: number): void;
  /** Resolves when the memory is the system's again. Thousands of pages take a while, on a thread. */
  unmap(): Promise<void>;
}

/** A region that was made here. */
export interface OwnedRegion extends SharedRegion {
  readonly descriptor: number;
}

/**
 * Makes a region without a name in any file system, so that nothing is left over however its processes end.
 *
 * @throws ServingError `RESOURCE_EXHAUSTED` when the system refuses it.
 */
export function createSharedRegion(libc: Libc, posix: PosixFunctions): OwnedRegion {
  const descriptor = process.platform === 'darwin' ? openNamed(libc) : openAnonymous(libc);
  try {
    closeOnExec(posix, descriptor);
    let failure: ServingError | undefined;
    for (const bytes of SIZES) {
      if (posix.ftruncate(descriptor, bytes) < 0) failure = systemCallError('ftruncate');
      else {
        const address = tryToMap(posix, descriptor, bytes);
        if (address !== undefined) {
          const region = regionAt(posix, address, bytes);
          return { ...region, descriptor, unmap: () => unmapAndClose(region, descriptor) };
        }
        failure = systemCallError('mmap');
      }
      // macOS sizes such memory once.
      if (process.platform === 'darwin') break;
    }
    throw failure;
  } catch (error) {
    closeSync(descriptor);
    throw error;
  }
}

/** Maps a region that another process has made, and closes its descriptor. */
export function mapSharedRegion(posix: PosixFunctions, descriptor: number, bytes: number): SharedRegion {
  const address = tryToMap(posix, descriptor, bytes);
  if (address === undefined) throw systemCallError('mmap');
  closeSync(descriptor);
  return regionAt(posix, address, bytes);
}

function openAnonymous(libc: Libc): number {
  const create: NativeFunction<[string, number], number> = libc.library.func(
    'int memfd_create(const char* name, unsigned int flags)',
  );
  const descriptor = create('serving-tensors', MFD_CLOEXEC);
  if (descriptor < 0) throw systemCallError('memfd_create');
  return descriptor;
}

/** Without memfd: a name that exists for a moment. */
function openNamed(libc: Libc): number {
  const open = libc.library.func('int shm_open(const char* name, int flags, ...)');
  const unlink: NativeFunction<[string], number> = libc.library.func('int shm_unlink(const char* name)');
  const name = `/serving-${process.pid}-${Math.random().toString(36).slice(2, 12)}`;
  const descriptor: number = open(name, DARWIN_CREATE, 'int', OWNER_ONLY);
  if (descriptor < 0) throw systemCallError('shm_open');
  unlink(name);
  return descriptor;
}

function tryToMap(posix: PosixFunctions, descriptor: number, bytes: number): Address | undefined {
  const address = posix.mmap(0, bytes, PROT_READ_WRITE, MAP_SHARED | MAP_NORESERVE, descriptor, 0);
  // MAP_FAILED is the largest address.
  return address > Number.MAX_SAFE_INTEGER ? undefined : address;
}

function regionAt(posix: PosixFunctions, address: Address, bytes: number): SharedRegion {
  const isLinux = process.platform === 'linux';
  // A dump of a process that ended must not hold the values of requests.
  if (isLinux) posix.madvise(address, bytes, MADV_DONTDUMP);
  let isMapped = true;
  return {
    address,
    bytes,
    discard: (offset, length) => {
      if (isLinux && isMapped) posix.madvise(address + offset, length, MADV_REMOVE);
    },
    unmap: async () => {
      if (!isMapped) return;
      isMapped = false;
      await new Promise<void>((resolve) => posix.munmap.async(address, bytes, () => resolve()));
    },
  };
}

/** The last close frees the pages. */
async function unmapAndClose(region: SharedRegion, descriptor: number): Promise<void> {
  await region.unmap();
  await new Promise<void>((resolve) => close(descriptor, () => resolve()));
}

/** @throws ServingError `UNIMPLEMENTED` on a system where processes can't share memory this way. */
export function assertIsolationSupported(platform: NodeJS.Platform = process.platform): void {
  if (platform === 'linux' || platform === 'darwin') return;
  throw new ServingError(
    'UNIMPLEMENTED',
    `isolation: "process" is not supported on ${platform}; it is on linux and darwin. Set isolation to "none"`,
  );
}
