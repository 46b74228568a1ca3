/** Writes logs of requests to files of PredictionLogs. */
import { resolve } from 'node:path';
import { ServingError } from '@serving/core';
import { type LogCollector, type LogCollectorContext, type LogCollectorFactory, localPath } from '@serving/core/extend';
import { checkOptions, type OptionsTable, optionKinds } from '@serving/core/internal';
import { encodeLoggedRequest } from '@serving/protos/messages';
import { encodeTfRecord } from '@serving/protos/saved-model';
import { type CreateLogFile, createLogFile, type LogFile } from './log-file.js';

/** How much is kept in memory and in a file. All have defaults. */
export interface TfRecordLogCollectorOptions {
  /** Bytes of records that may wait to be written; what comes beyond is not logged. Default 64 MiB. */
  readonly maxBufferedBytes?: number;
  /** Milliseconds that a record waits for more to be written with it. Default 1000. */
  readonly flushIntervalMs?: number;
  /** Bytes that a file may have; then another is begun. A larger record has a file of its own. Default 256 MiB. */
  readonly maxFileBytes?: number;
  /** Records that a file may have; then another is begun. A warm-up file may have 1000. Default: no limit. */
  readonly maxFileRecords?: number;
}

/** The options by name. */
export const tfRecordLogCollectorOptions: OptionsTable<TfRecordLogCollectorOptions> = {
  maxBufferedBytes: {
    ...optionKinds.positive,
    default: 64 * 1024 ** 2,
    meaning: 'what may wait to be written; what comes beyond is not logged',
  },
  flushIntervalMs: {
    ...optionKinds.positive,
    default: 1000,
    meaning: 'how long a record waits for more to be written with it',
  },
  maxFileBytes: { ...optionKinds.positive, default: 256 * 1024 ** 2, meaning: 'then another file is begun' },
  maxFileRecords: {
    ...optionKinds.positive,
    default: 'no limit',
    meaning: 'the same; a warm-up file may have 1000',
  },
};

/** What is waiting is written before its time when it comes to this. */
const WRITE_BYTES = 1 << 20;

/**
 * Collectors that write TFRecord files of PredictionLogs, `PREFIX-TIME.tfrecord` with the configuration's `filenamePrefix`: what readers of
 * TensorFlow's records read, and what a version is warmed up with. The first record makes the file, and the folder.
 *
 * Encoding is done in the course of the request; writing is not, and what the disk refuses is lost, counted, and told of once until a
 * write succeeds again. A file that could not be written ends with its last whole record, and another is begun.
 *
 * @example
 * ```ts
 * const logCollectors = new LogCollectorRegistry().register('tfrecord', tfRecordLogCollector());
 * ```
 *
 * @throws ServingError `INVALID_ARGUMENT` for an option that is not a number above 0; the factory throws it for a prefix that is not a
 * path or `file://` URL of this machine.
 */
export function tfRecordLogCollector(options: TfRecordLogCollectorOptions = {}): LogCollectorFactory {
  checkOptions(options, tfRecordLogCollectorOptions, 'tfRecordLogCollector()');
  return ({ type, filenamePrefix }, context) => {
    if (!filenamePrefix) {
      throw new ServingError('INVALID_ARGUMENT', `The log collector "${type}" needs a filename_prefix`);
    }
    return new TfRecordLogCollector(resolve(localPrefix(filenamePrefix)), context, options);
  };
}

function localPrefix(filenamePrefix: string): string {
  try {
    return localPath(filenamePrefix);
  } catch (error) {
    throw ServingError.from(error).prefixed('filename_prefix: ');
  }
}

export class TfRecordLogCollector implements LogCollector {
  readonly #prefix: string;
  readonly #context: LogCollectorContext;
  readonly #options: Required<TfRecordLogCollectorOptions>;
  readonly #createFile: CreateLogFile;
  #waiting: Uint8Array[] = [];
  /** Of all records that are not written yet, those that are being written too. */
  #bufferedBytes = 0;
  #cancelTimer: (() => void) | undefined;
  #writing: Promise<void> | undefined;
  #file: LogFile | undefined;
  #fileRecords = 0;
  #isFailing = false;
  #isClosed = false;

  constructor(
    prefix: string,
    context: LogCollectorContext,
    options: TfRecordLogCollectorOptions = {},
    createFile: CreateLogFile = createLogFile,
  ) {
    const { maxBufferedBytes = 64 << 20, flushIntervalMs = 1000 } = options;
    const { maxFileBytes = 256 << 20, maxFileRecords = Number.POSITIVE_INFINITY } = options;
    this.#prefix = prefix;
    this.#context = context;
    this.#options = { maxBufferedBytes, flushIntervalMs, maxFileBytes, maxFileRecords };
    this.#createFile = createFile;
  }

  /** @throws ServingError `RESOURCE_EXHAUSTED` while the record does not fit. */
  collect(log: Parameters<LogCollector['collect']>[0]): void {
    if (this.#isClosed) throw new ServingError('UNAVAILABLE', `Logging to ${this.#prefix} has ended`);
    this.#checkRoom(1);
    const record = encodeTfRecord(encodeLoggedRequest(log));
    this.#checkRoom(record.length);
    this.#waiting.push(record);
    this.#bufferedBytes += record.length;
    if (this.#writing !== undefined) return;
    if (this.#bufferedBytes >= WRITE_BYTES) void this.#write();
    else this.#cancelTimer ??= this.#context.clock.setTimer(() => void this.#write(), this.#options.flushIntervalMs);
  }

  async flush(): Promise<void> {
    while (this.#waiting.length > 0 || this.#writing !== undefined) await this.#write();
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    await this.flush();
    await this.#endFile();
  }

  #checkRoom(bytes: number): void {
    const { maxBufferedBytes } = this.#options;
    if (this.#bufferedBytes + bytes <= maxBufferedBytes) return;
    throw new ServingError(
      'RESOURCE_EXHAUSTED',
      `No room for ${bytes} bytes: ${this.#bufferedBytes} of ${maxBufferedBytes} wait to be written to ${this.#prefix}`,
    );
  }

  #write(): Promise<void> {
    this.#cancelTimer?.();
    this.#cancelTimer = undefined;
    this.#writing ??= this.#writeAll().finally(() => {
      this.#writing = undefined;
    });
    return this.#writing;
  }

  async #writeAll(): Promise<void> {
    while (this.#waiting.length > 0) {
      if (this.#isFull()) await this.#endFile();
      const records = this.#nextRecords();
      const bytes = Buffer.concat(records);
      try {
        await this.#append(bytes, records.length);
        this.#isFailing = false;
      } catch (reason) {
        await this.#endFile();
        this.#lost(records.length, reason);
      } finally {
        this.#bufferedBytes -= bytes.length;
      }
    }
  }

  #isFull(): boolean {
    const { maxFileBytes, maxFileRecords } = this.#options;
    if (!this.#file) return false;
    return this.#fileRecords >= maxFileRecords || this.#file.size + this.#waiting[0]!.length > maxFileBytes;
  }

  /** As many as go into one write and into the file; one at least. */
  #nextRecords(): Uint8Array[] {
    const { maxFileBytes, maxFileRecords } = this.#options;
    const room = Math.min(WRITE_BYTES, maxFileBytes - (this.#file?.size ?? 0));
    let count = 0;
    for (let bytes = 0; count < this.#waiting.length && this.#fileRecords + count < maxFileRecords; count++) {
      bytes += this.#waiting[count]!.length;
      if (bytes > room && count > 0) break;
    }
    return this.#waiting.splice(0, count);
  }

  async #append(bytes: Uint8Array, records: number): Promise<void> {
    const { clock } = this.#context;
    this.#file ??= await this.#createFile(this.#prefix, new Date(clock.wallTime()));
    await this.#file.append(bytes);
    this.#fileRecords += records;
  }

  /** Another one is begun when there is more to write. */
  async #endFile(): Promise<void> {
    const file = this.#file;
    this.#file = undefined;
    this.#fileRecords = 0;
    try {
      await file?.close();
    } catch (reason) {
      this.#context.onError(toError(reason, `Can't close ${file?.path}`));
    }
  }

  #lost(records: number, reason: unknown): void {
    const { onLost, onError } = this.#context;
    const error = toError(reason, `Can't write logs of requests to ${this.#prefix}; they are lost`);
    onLost(records, error);
    if (!this.#isFailing) onError(error);
    this.#isFailing = true;
  }
}

function toError(reason: unknown, what: string): ServingError {
  return new ServingError('UNAVAILABLE', `${what}: ${ServingError.from(reason).message}`, { cause: reason });
}
