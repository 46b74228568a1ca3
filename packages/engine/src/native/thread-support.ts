/** `ThreadSupport` by the C library. Loaded by its URL, in the main thread and in each serving thread. */
import { ServingError } from '@serving/core';
import type { ThreadSupport } from '@serving/core/extend';
import { errno, os } from 'koffi';
import { openLibrary } from './open-library.js';

/** `F_DUPFD_CLOEXEC` of <fcntl.h>, which differs by system. */
const DUPLICATE = process.platform === 'darwin' ? 67 : 1030;

/** `F_SETFD` and `FD_CLOEXEC`. */
const [SET_FLAGS, CLOSE_ON_EXEC] = [2, 1];
/** `SOCK_CLOEXEC` of Linux. */
const ACCEPT_CLOSE_ON_EXEC = 0o2000000;

interface SocketFunctions {
  fcntl(descriptor: number, command: number, type: 'int', argument: number): number;
  accept(listening: number): number;
  close(descriptor: number): number;
}

let declared: SocketFunctions | undefined;

function functions(): SocketFunctions {
  declared ??= declare();
  return declared;
}

function declare(): SocketFunctions {
  const libc = openLibrary(null);
  const fcntl: SocketFunctions['fcntl'] = libc.func('int fcntl(int fd, int command, ...)');
  const close: SocketFunctions['close'] = libc.func('int close(int fd)');
  if (process.platform === 'linux') {
    const accept4 = libc.func('int accept4(int fd, void* address, void* length, int flags)');
    return { fcntl, close, accept: (listening) => accept4(listening, null, null, ACCEPT_CLOSE_ON_EXEC) };
  }
  const accept = libc.func('int accept(int fd, void* address, void* length)');
  return {
    fcntl,
    close,
    accept: (listening) => {
      const descriptor: number = accept(listening, null, null);
      if (descriptor >= 0) fcntl(descriptor, SET_FLAGS, 'int', CLOSE_ON_EXEC);
      return descriptor;
    },
  };
}

export const duplicateDescriptor: ThreadSupport['duplicateDescriptor'] = (descriptor) => {
  const own = functions().fcntl(descriptor, DUPLICATE, 'int', 0);
  if (own >= 0) return own;
  const number = errno();
  const name = Object.entries(os.errno).find(([, value]) => value === number)?.[0] ?? `error ${number}`;
  throw new ServingError('UNAVAILABLE', `The listening socket can't be duplicated for another thread: ${name}`);
};

export const acceptConnection: ThreadSupport['acceptConnection'] = (listening) => {
  const descriptor = functions().accept(listening);
  return descriptor >= 0 ? descriptor : undefined;
};

export const closeDescriptor: ThreadSupport['closeDescriptor'] = (descriptor) => {
  functions().close(descriptor);
};
