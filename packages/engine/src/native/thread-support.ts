/** `ThreadSupport` by the C library. Loaded by its URL, in the main thread and in each serving thread. */
import { ServingError } from '@serving/core';
import type { ThreadSupport } from '@serving/core/extend';
import { errno, os } from 'koffi';
import { openLibrary } from './open-library.js';

/** `F_DUPFD_CLOEXEC` of <fcntl.h>, which differs by system. */
const DUPLICATE = process.platform === 'darwin' ? 67 : 1030;

type Fcntl = (descriptor: number, command: number, type: 'int', argument: number) => number;

let declared: { readonly fcntl: Fcntl; readonly close: (descriptor: number) => number } | undefined;

function functions(): NonNullable<typeof declared> {
  if (declared === undefined) {
    const libc = openLibrary(null);
    declared = { fcntl: libc.func('int fcntl(int fd, int command, ...)'), close: libc.func('int close(int fd)') };
  }
  return declared;
}

export const duplicateDescriptor: ThreadSupport['duplicateDescriptor'] = (descriptor) => {
  const own = functions().fcntl(descriptor, DUPLICATE, 'int', 0);
  if (own >= 0) return own;
  const number = errno();
  const name = Object.entries(os.errno).find(([, value]) => value === number)?.[0] ?? `error ${number}`;
  throw new ServingError('UNAVAILABLE', `The listening socket can't be duplicated for another thread: ${name}`);
};

export const closeDescriptor: ThreadSupport['closeDescriptor'] = (descriptor) => {
  functions().close(descriptor);
};
