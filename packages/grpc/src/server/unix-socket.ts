/** Binds a server to a unix socket's path, which another server may hold. */
import { randomBytes } from 'node:crypto';
import { lstat, rename, stat, unlink } from 'node:fs/promises';
import type { Server } from 'node:net';
import { dirname, join } from 'node:path';
import { ServingError } from '@serving/core';
import { listening } from './listening.js';

/** What the kernel's `sockaddr_un` holds, without the zero at its end. Node cuts a longer path off. */
const MAX_PATH_BYTES = process.platform === 'linux' ? 107 : 103;

/**
 * Checks what {@link listenOnUnixSocket} needs, but for the rights to bind.
 *
 * @throws ServingError `INVALID_ARGUMENT` for a path that is too long, `UNAVAILABLE` for one with another file or in no folder.
 */
export async function checkSocketPath(path: string): Promise<void> {
  for (const { length } of [Buffer.from(path), Buffer.from(temporaryPath(path))]) {
    if (length <= MAX_PATH_BYTES) continue;
    const expected = `expected at most ${MAX_PATH_BYTES} bytes, and ${MAX_PATH_BYTES - 8} for its folder`;
    throw new ServingError('INVALID_ARGUMENT', `The socketPath "${path}" is too long: ${expected}`);
  }
  const found = await lstat(path).catch(() => undefined);
  if (found !== undefined && !found.isSocket()) throw unavailable(path, 'the file there is not a socket');
  const folder = await stat(dirname(path)).catch((error: NodeJS.ErrnoException) => error);
  if (folder instanceof Error) {
    const reason = folder.code === 'ENOENT' ? 'does not exist; make it first' : `can't be read (${folder.code})`;
    throw unavailable(path, `its folder "${dirname(path)}" ${reason}`);
  }
  if (!folder.isDirectory()) throw unavailable(path, `"${dirname(path)}" is not a folder`);
}

function unavailable(path: string, reason: string, cause?: unknown): ServingError {
  return new ServingError('UNAVAILABLE', `gRPC can't listen on unix:${path}: ${reason}`, { cause });
}

/** Node removes the path that it has bound when the server closes, also when another server holds it by then. This path is gone by then. */
function temporaryPath(path: string): string {
  return join(dirname(path), `.${randomBytes(3).toString('hex')}`);
}

/**
 * Listens at `path`. A socket that is there is replaced in one step, as gRPC's C core does it: connections that its server has stay, new
 * ones are for this server. A file of another kind stays.
 *
 * @returns Removes the path, unless it is another server's by now. Call it before the server closes, as an inode in use is not given out again.
 * @throws ServingError as {@link checkSocketPath}, and `UNAVAILABLE` where the path can't be bound.
 */
export async function listenOnUnixSocket(server: Server, path: string): Promise<() => Promise<void>> {
  await checkSocketPath(path);
  const boundPath = temporaryPath(path);
  await listening(server, { path: boundPath }, `unix:${path}`).catch((error: ServingError) => {
    throw new ServingError(error.code, error.message.replaceAll(boundPath, path), { cause: error });
  });
  try {
    const { dev, ino } = await lstat(boundPath, { bigint: true });
    await rename(boundPath, path);
    return async () => {
      const held = await lstat(path, { bigint: true }).catch(() => undefined);
      if (held?.dev === dev && held.ino === ino) await unlink(path).catch(() => undefined);
    };
  } catch (cause) {
    server.close();
    throw unavailable(path, ServingError.from(cause).message, cause);
  }
}
