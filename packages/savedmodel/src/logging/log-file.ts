/** A file that whole records are appended to. */
import { type FileHandle, mkdir, open } from 'node:fs/promises';
import { dirname } from 'node:path';

/** Calls come one after the other. */
export interface LogFile {
  readonly path: string;
  /** What is in it. */
  readonly size: number;
  /** Rejects with nothing added, as far as the disk allows. */
  append(bytes: Uint8Array): Promise<void>;
  close(): Promise<void>;
}

/** Makes a file whose name is the prefix and the time. */
export type CreateLogFile = (prefix: string, time: Date) => Promise<LogFile>;

/**
 * `PREFIX-20231114T221320.000Z.tfrecord`, and with `-1`, `-2` and so on behind the time where that is there already: a file is only ever
 * written by the one who made it. Folders that are missing are made.
 */
export const createLogFile: CreateLogFile = async (prefix, time) => {
  await mkdir(dirname(prefix), { recursive: true });
  const stamp = time.toISOString().replace(/[-:]/g, '');
  for (let number = 0; ; number++) {
    const path = `${prefix}-${stamp}${number === 0 ? '' : `-${number}`}.tfrecord`;
    try {
      return toLogFile(path, await open(path, 'wx'));
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    }
  }
};

/** A new file, empty, as one of logs. */
export function toLogFile(path: string, file: Pick<FileHandle, 'appendFile' | 'truncate' | 'close'>): LogFile {
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
    close: () => file.close(),
  };
}
