/** Creates a folder and those above it. */
import { mkdir, stat } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { ServingError } from '../serving-error.js';

/** The calls that {@link makeFolderOn} needs of a file system. */
export interface FolderFileSystem {
  mkdir(path: string): Promise<unknown>;
  stat(path: string): Promise<{ isDirectory(): boolean }>;
}

/**
 * Creates a folder and every missing folder above it; a folder that exists stays as it is. Each folder is created at most
 * once, so the call ends on file systems that refuse new folders too. Node's own recursive `mkdir` retries for ever on some.
 *
 * @throws ServingError `FAILED_PRECONDITION` that names the folder that could not be created and why, with the file
 * system's error as `cause`.
 */
export function makeFolder(path: string): Promise<void> {
  return makeFolderOn({ mkdir, stat }, path);
}

/** As {@link makeFolder}, on any file system. */
export async function makeFolderOn(fileSystem: FolderFileSystem, path: string): Promise<void> {
  const folder = resolve(path);
  const missing: string[] = [];
  for (let at = folder; ; at = dirname(at)) {
    const kind = await kindOf(at, folder, fileSystem);
    if (kind === 'folder') break;
    if (kind === 'file') throw refused(folder, `"${at}" is not a folder`);
    missing.push(at);
    if (dirname(at) === at) break;
  }
  for (const at of missing.reverse()) {
    try {
      await fileSystem.mkdir(at);
    } catch (error) {
      // Another process may have been first.
      if (codeOf(error) === 'EEXIST' && (await kindOf(at, folder, fileSystem)) === 'folder') continue;
      throw refused(folder, `"${at}": ${messageOf(error)}`, error);
    }
  }
}

async function kindOf(at: string, folder: string, { stat }: FolderFileSystem): Promise<'folder' | 'file' | 'missing'> {
  try {
    return (await stat(at)).isDirectory() ? 'folder' : 'file';
  } catch (error) {
    // Below a file; the walk comes to that file.
    if (codeOf(error) === 'ENOENT' || codeOf(error) === 'ENOTDIR') return 'missing';
    throw refused(folder, `"${at}": ${messageOf(error)}`, error);
  }
}

function refused(folder: string, reason: string, cause?: unknown): ServingError {
  return new ServingError('FAILED_PRECONDITION', `Folder "${folder}" can't be created: ${reason}`, { cause });
}

function codeOf(error: unknown): unknown {
  return error instanceof Error && 'code' in error ? error.code : undefined;
}

/** Without the path, which stands before it. */
function messageOf(error: unknown): string {
  const { message } = ServingError.from(error);
  return message.replace(/, \w+ '[^']*'$/, '');
}
