/** A file that whole records are appended to. */
import { type FileHandle, open, unlink } from 'node:fs/promises';
import { dirname } from 'node:path';
import { ServingError } from '@serving/core';
import { makeFolder } from '@serving/core/extend';

/** Calls come one after the other. */
export interface LogFile {
  readonly path: string;
  /** What is in it. */
  readonly size: number;
  /** Rejects with nothing added, as far as the disk allows. */
  append(bytes: Uint8Array): Promise<void>;
  /** A file that nothing was written to is removed. */
  close(): Promise<void>;
}

/** Makes a file whose name is the prefix and the time. */
export type CreateLogFile = (prefix: string, time: Date) => Promise<LogFile>;

/** The calls that log files need of a file system. */
export interface LogFileSystem {
  makeFolder(path: string): Promise<void>;
  /** Rejects with `EEXIST` for a file that is there already. */
  create(path: string): Promise<OpenLogFile>;
  unlink(path: string): Promise<void>;
}

/** What is called of a file that is open. */
type OpenLogFile = Pick<FileHandle, 'appendFile' | 'truncate' | 'close'>;

const nodeFileSystem: LogFileSystem = { makeFolder, create: (path) => open(path, 'wx'), unlink };

/** Files that one millisecond may have under one prefix. */
const MAX_NUMBER = 10_000;

/**
 * `PREFIX-20231114T221320.000Z.tfrecord`, and with `-1`, `-2` and so on behind the time where that is there already: a file is only ever
 * written by its creator. Folders that are missing are made.
 */
export const createLogFile: CreateLogFile = (prefix, time) => createLogFileOn(nodeFileSystem, prefix, time);

/** As {@link createLogFile}, on any file system. */
export async function createLogFileOn(fileSystem: LogFileSystem, prefix: string, time: Date): Promise<LogFile> {
  await fileSystem.makeFolder(dirname(prefix));
  const stamp = time.toISOString().replace(/[-:]/g, '');
  for (let number = 0; number < MAX_NUMBER; number++) {
    const path = `${prefix}-${stamp}${number === 0 ? '' : `-${number}`}.tfrecord`;
    try {
      return toLogFile(path, await fileSystem.create(path), () => fileSystem.unlink(path));
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    }
  }
  throw new ServingError('ALREADY_EXISTS', `${prefix}-${stamp} has ${MAX_NUMBER} files already`);
}

/** A new file, empty, as one of logs. */
function toLogFile(path: string, file: OpenLogFile, remove: () => Promise<void>): LogFile {
  let size = 0;
  return {
    path,
    get size() {
      return size;
    },
    append: async (bytes) => {
      try {
        await file.appendFile(bytes);
        size += bytes.length;
      } catch (error) {
        // Readers of the file find its last whole record.
        await file.truncate(size).catch(() => undefined);
        throw error;
      }
    },
    close: async () => {
      try {
        await file.close();
      } finally {
        if (size === 0) await remove();
      }
    },
  };
}
