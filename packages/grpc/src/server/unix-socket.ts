/** Binds a server to a unix socket's path, which another server may hold. */
import { randomBytes } from 'node:crypto';
import { lstat, rename, unlink } from 'node:fs/promises';
import type { Server } from 'node:net';
import { dirname, join } from 'node:path';
import { ServingError } from '@serving/core';
import { listening } from './listening.js';

/** What the kernel's `sockaddr_un` holds, without the zero at its end. Node cuts a longer path off. */
const MAX_PATH_BYTES = process.platform === 'linux' ? 107 : 103;

/**
 * Listens at `path`. A socket that is there is replaced in one step, as gRPC's C core does it: connections that its server has stay, new
 * ones are for this server. A file of another kind stays.
 *
 * @returns Removes the path, unless it is another server's by now. Call it before the server closes, as an inode in use is not given out again.
 * @throws ServingError `INVALID_ARGUMENT` for a path that is too long, `UNAVAILABLE` for one with another file or that can't be bound.
 */
export async function listenOnUnixSocket(server: Server, path: string): Promise<() => Promise<void>> {
  // Node removes the path that it has bound when the server closes, also when another server holds it by then. This path is gone by then.
  const boundPath = join(dirname(path), `.${randomBytes(3).toString('hex')}`);
  for (const { length } of [Buffer.from(path), Buffer.from(boundPath)]) {
    if (length <= MAX_PATH_BYTES) continue;
    const expected = `expected at most ${MAX_PATH_BYTES} bytes, and ${MAX_PATH_BYTES - 8} for its folder`;
    throw new ServingError('INVALID_ARGUMENT', `The socketPath "${path}" is too long: ${expected}`);
  }
  const found = await lstat(path).catch(() => undefined);
  if (found !== undefined && !found.isSocket()) {
    throw new ServingError('UNAVAILABLE', `gRPC can't listen on unix:${path}: the file there is not a socket`);
  }
  await listening(server, { path: boundPath }, `unix:${path}`);
  try {
    const { dev, ino } = await lstat(boundPath, { bigint: true });
    await rename(boundPath, path);
    return async () => {
      const held = await lstat(path, { bigint: true }).catch(() => undefined);
      if (held?.dev === dev && held.ino === ino) await unlink(path).catch(() => undefined);
    };
  } catch (cause) {
    server.close();
    throw new ServingError('UNAVAILABLE', `gRPC can't listen on unix:${path}: ${ServingError.from(cause).message}`, {
      cause,
    });
  }
}
