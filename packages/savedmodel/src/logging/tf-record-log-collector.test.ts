import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { ServingError } from '@serving/core';
import { type LogCollectorContext, type PredictionLog, systemClock } from '@serving/core/extend';
import { createTensor } from '@serving/core/tensor';
import { decodePredictionLog, decodePredictRequestMessage, encodeLoggedRequest } from '@serving/protos/messages';
import { readTfRecords } from '@serving/protos/saved-model';
import { describe, expect, it, onTestFinished } from 'vitest';
import { ManualClock, settle } from '../../../testing/src/manual-clock.js';
import type { CreateLogFile, LogFile } from './log-file.js';
import {
  TfRecordLogCollector,
  type TfRecordLogCollectorOptions,
  tfRecordLogCollector,
} from './tf-record-log-collector.js';

function log(x: Float32Array): PredictionLog {
  return {
    api: 'Predict',
    request: { inputs: { x: createTensor('float', [x.length], x) }, outputFilter: [] },
    response: { outputs: {} },
    logMetadata: {
      modelSpec: { name: 'm', version: 1 },
      samplingConfig: { samplingRate: 1, attributes: 0 },
      savedModelTags: ['serve'],
      timestampSecs: 1_700_000_000,
    },
  };
}
const numbered = (number: number): PredictionLog => log(Float32Array.of(number));
/** Bytes of each of these in a file. */
const RECORD_BYTES = encodeLoggedRequest(numbered(1)).length + 16;

/** The number that each record of a file has. */
function numbersIn(bytes: Uint8Array): number[] {
  return Array.from(readTfRecords(bytes, 'the log'), (record) => {
    const { request } = decodePredictionLog(record)!;
    return (decodePredictRequestMessage(request).inputs.x!.toTensor('x').data as Float32Array)[0]!;
  });
}

/** Files in memory, whose appends a test decides. */
class FakeFiles {
  readonly files: { readonly path: string; bytes: Buffer; isClosed: boolean }[] = [];
  /** Called before each append; rejects or waits. */
  onAppend: () => Promise<void> = async () => undefined;
  onCreate: () => Promise<void> = async () => undefined;
  onClose: () => Promise<void> = async () => undefined;
  appends = 0;

  readonly create: CreateLogFile = async (prefix, time): Promise<LogFile> => {
    await this.onCreate();
    const file = { path: `${prefix} ${time.getTime()}`, bytes: Buffer.alloc(0), isClosed: false };
    this.files.push(file);
    return {
      path: file.path,
      get size() {
        return file.bytes.length;
      },
      append: async (bytes) => {
        this.appends++;
        await this.onAppend();
        file.bytes = Buffer.concat([file.bytes, bytes]);
      },
      close: async () => {
        file.isClosed = true;
        await this.onClose();
      },
    };
  };

  get contents(): number[][] {
    return this.files.map(({ bytes }) => numbersIn(bytes));
  }
}

class Harness {
  readonly clock = new ManualClock();
  readonly files = new FakeFiles();
  readonly errors: string[] = [];
  lost = 0;
  readonly collector: TfRecordLogCollector;

  constructor(options: TfRecordLogCollectorOptions = {}) {
    this.collector = new TfRecordLogCollector(
      '/logs/m',
      contextOf(this.clock, this.errors, (logs) => {
        this.lost += logs;
      }),
      options,
      this.files.create,
    );
  }

  collect(...numbers: number[]): void {
    for (const number of numbers) this.collector.collect(numbered(number));
  }
}

function contextOf(
  clock: LogCollectorContext['clock'],
  errors: string[],
  onLost: LogCollectorContext['onLost'] = () => undefined,
): LogCollectorContext {
  const onError = ({ code, message }: ServingError): void => void errors.push(`${code}: ${message}`);
  return { loggingConfig: { samplingConfig: { samplingRate: 1 } }, clock, onLost, onError };
}

describe('TfRecordLogCollector', () => {
  it('writes together what came within its interval', async () => {
    const { collector, clock, files, ...harness } = new Harness({ flushIntervalMs: 100 });
    collector.collect(numbered(1));
    await clock.advance(99);
    collector.collect(numbered(2));
    expect(files.files).toEqual([]);
    await clock.advance(1);
    expect(files.contents).toEqual([[1, 2]]);
    expect(files.files[0]?.path).toBe('/logs/m 1700000000100');
    collector.collect(numbered(3));
    await clock.advance(100);
    expect(files.contents).toEqual([[1, 2, 3]]);
    expect([files.appends, clock.pendingTimers, harness.errors]).toEqual([2, 0, []]);
  });

  it('does not wait once a megabyte is waiting', async () => {
    const { collector, files } = new Harness();
    collector.collect(log(new Float32Array(1 << 17)));
    await settle();
    expect(files.appends).toBe(0);
    collector.collect(log(new Float32Array(1 << 17).fill(2)));
    await settle();
    expect(files.contents).toEqual([[0, 2]]);
  });

  it('has encoded a log when it has taken it', async () => {
    const { collector, files } = new Harness();
    const x = Float32Array.of(5);
    collector.collect(log(x));
    x.fill(6);
    await collector.flush();
    expect(files.contents).toEqual([[5]]);
  });

  it('takes logs while others are written, and keeps their order', async () => {
    const { collector, files, clock } = new Harness();
    const writes: (() => void)[] = [];
    files.onAppend = () => new Promise((resolve) => writes.push(resolve));
    collector.collect(numbered(1));
    await clock.advance(1000);
    collector.collect(numbered(2));
    const flushed = collector.flush();
    collector.collect(numbered(3));
    for (let written = 0; written < 2; written++) {
      await settle();
      writes[written]!();
    }
    await flushed;
    expect(files.contents).toEqual([[1, 2, 3]]);
    expect(clock.pendingTimers).toBe(0);
  });

  it('refuses what it has no room for, until something is written', async () => {
    const { collector, clock, files, ...harness } = new Harness({ maxBufferedBytes: 2 * RECORD_BYTES });
    let write = (): void => undefined;
    files.onAppend = () =>
      new Promise((resolve) => {
        write = resolve;
      });
    const full = expect.objectContaining({
      code: 'RESOURCE_EXHAUSTED',
      message: expect.stringMatching(/^No room for \d+ bytes: \d+ of \d+ wait to be written to \/logs\/m$/),
    });
    collector.collect(numbered(1));
    await clock.advance(1000);
    collector.collect(numbered(2));
    expect(() => collector.collect(numbered(3))).toThrow(full);
    write();
    await settle();
    collector.collect(numbered(4));
    expect(() => collector.collect(numbered(5))).toThrow(full);
    files.onAppend = async () => undefined;
    write();
    await collector.flush();
    expect(files.contents).toEqual([[1, 2, 4]]);
    expect(harness.errors).toEqual([]);
  });

  it('refuses a record that is larger than all of its room', () => {
    const { collector } = new Harness({ maxBufferedBytes: 100 });
    expect(() => collector.collect(log(new Float32Array(100)))).toThrow(/No room for \d{3} bytes: 0 of 100 wait/);
  });

  it.each<[string, TfRecordLogCollectorOptions, number[][]]>([
    ['records', { maxFileRecords: 2 }, [[1, 2], [3, 4], [5]]],
    [
      'bytes',
      { maxFileBytes: 3 * RECORD_BYTES },
      [
        [1, 2, 3],
        [4, 5],
      ],
    ],
    ['bytes, not quite', { maxFileBytes: 3 * RECORD_BYTES - 1 }, [[1, 2], [3, 4], [5]]],
    ['fewer bytes than a record has', { maxFileBytes: 1 }, [[1], [2], [3], [4], [5]]],
    ['no limit that is reached', {}, [[1, 2, 3, 4, 5]]],
  ])('begins another file at a limit of %s', async (_, options, expected) => {
    const together = new Harness(options);
    together.collect(1, 2, 3, 4, 5);
    await together.collector.close();
    expect(together.files.contents).toEqual(expected);
    expect(together.files.files.every(({ isClosed }) => isClosed)).toBe(true);
    const apart = new Harness(options);
    for (const number of [1, 2, 3, 4, 5]) {
      apart.collect(number);
      await apart.collector.flush();
    }
    expect(apart.files.contents).toEqual(expected);
  });

  it('counts failed writes, reports the first, begins another file, and reports the next failure', async () => {
    const harness = new Harness();
    const { collector, files } = harness;
    const refuse = (): Promise<void> => Promise.reject(new Error('ENOSPC: no space left on device, write'));
    harness.collect(1);
    await collector.flush();
    for (const numbers of [[2, 3], [4]]) {
      files.onAppend = refuse;
      harness.collect(...numbers);
      await collector.flush();
    }
    expect(harness.lost).toBe(3);
    const told =
      "UNAVAILABLE: Can't write logs of requests to /logs/m; they are lost: ENOSPC: no space left on device, write";
    expect(harness.errors).toEqual([told]);
    files.onAppend = async () => undefined;
    harness.collect(5);
    await collector.flush();
    files.onCreate = refuse;
    files.onAppend = refuse;
    harness.collect(6);
    await collector.flush();
    harness.collect(7);
    await collector.flush();
    expect(harness.errors).toEqual([told, told]);
    expect(harness.lost).toBe(5);
    expect(files.contents.filter((numbers) => numbers.length > 0)).toEqual([[1], [5]]);
    expect(files.files.every(({ isClosed }) => isClosed)).toBe(true);
  });

  it('has room again for as much as was lost', async () => {
    const harness = new Harness({ maxBufferedBytes: 2 * RECORD_BYTES });
    harness.files.onCreate = () => Promise.reject(new Error('no'));
    for (let i = 0; i < 5; i++) {
      harness.collect(1, 2);
      await harness.collector.flush();
    }
    expect(harness.lost).toBe(10);
  });

  it('writes what waits when it is closed, and takes nothing more', async () => {
    const harness = new Harness();
    harness.collect(1);
    await harness.collector.close();
    expect(harness.files.contents).toEqual([[1]]);
    expect(harness.files.files[0]?.isClosed).toBe(true);
    expect(() => harness.collect(2)).toThrow(expect.objectContaining({ code: 'UNAVAILABLE' }));
    expect(harness.clock.pendingTimers).toBe(0);
  });

  it('creates no file without logs, and reports a file that cannot be closed', async () => {
    const idle = new Harness();
    await idle.collector.close();
    expect(idle.files.files).toEqual([]);
    const broken = new Harness();
    broken.files.onClose = () => Promise.reject(new Error('EIO'));
    broken.collect(1);
    await broken.collector.close();
    expect(broken.errors).toEqual(["UNAVAILABLE: Can't close /logs/m 1700000000000: EIO"]);
  });
});

describe('tfRecordLogCollector', () => {
  function temporaryFolder(): string {
    const folder = mkdtempSync(join(tmpdir(), 'tf-record-log-'));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    return folder;
  }

  it('writes files whose names are the prefix and the time, never into one that is there', async () => {
    const prefix = join(temporaryFolder(), 'deep', 'digits');
    const errors: string[] = [];
    const clock = new ManualClock();
    const create = tfRecordLogCollector({ maxFileRecords: 1 });
    const collectors = [1, 2].map((number) => {
      const collector = create({ type: 'tfrecord', filenamePrefix: prefix }, contextOf(clock, errors));
      void collector.collect(numbered(number));
      void collector.collect(numbered(number + 2));
      return collector;
    });
    for (const collector of collectors) await collector.close?.();
    const names = readdirSync(dirname(prefix)).sort();
    const stamp = 'digits-20231114T221320.000Z';
    expect(names).toEqual([`${stamp}-1.tfrecord`, `${stamp}-2.tfrecord`, `${stamp}-3.tfrecord`, `${stamp}.tfrecord`]);
    const contents = names.map((name) => numbersIn(readFileSync(join(dirname(prefix), name))));
    expect(contents.flat().sort()).toEqual([1, 2, 3, 4]);
    expect(errors).toEqual([]);
  });

  it('loses what it can not write, and writes again when it can', async () => {
    const folder = temporaryFolder();
    const blocked = join(folder, 'logs');
    writeFileSync(blocked, 'a file where a folder should be');
    const errors: string[] = [];
    let lost = 0;
    const collector = tfRecordLogCollector()(
      { type: 'tfrecord', filenamePrefix: join(blocked, 'm') },
      contextOf(systemClock, errors, (logs) => {
        lost += logs;
      }),
    );
    for (const number of [1, 2]) {
      void collector.collect(numbered(number));
      await collector.flush?.();
    }
    expect(lost).toBe(2);
    expect(errors).toEqual([
      expect.stringMatching(/^UNAVAILABLE: Can't write logs of requests to .*logs" is not a folder$/),
    ]);
    rmSync(blocked);
    void collector.collect(numbered(3));
    await collector.close?.();
    expect(readdirSync(blocked).map((name) => numbersIn(readFileSync(join(blocked, name))))).toEqual([[3]]);
  });

  it.each([undefined, ''])('needs a prefix, not %j', (filenamePrefix) => {
    const config = { type: 'tfrecord', ...(filenamePrefix !== undefined && { filenamePrefix }) };
    expect(() => tfRecordLogCollector()(config, contextOf(systemClock, []))).toThrow(
      expect.objectContaining({
        code: 'INVALID_ARGUMENT',
        message: 'The log collector "tfrecord" needs a filename_prefix',
      }),
    );
  });

  it('takes a file:// URL for a prefix, and refuses those of other schemes', () => {
    const collect = (filenamePrefix: string) =>
      tfRecordLogCollector()({ type: 'tfrecord', filenamePrefix }, contextOf(systemClock, []));
    const collector = collect('file:///logs/requests');
    void collector.close?.();
    expect(() => collector.collect({} as PredictionLog)).toThrow('Logging to /logs/requests has ended');
    expect(() => collect('s3://bucket/requests')).toThrow(
      expect.objectContaining({
        code: 'INVALID_ARGUMENT',
        message: expect.stringContaining('filename_prefix: "s3://bucket/requests": s3:// is not supported'),
      }),
    );
  });

  it.each([
    [{ maxBufferedBytes: 0 }, 'Option "maxBufferedBytes" of tfRecordLogCollector() must be a number over 0, got 0'],
    [
      { maxFileRecords: Number.NaN },
      'Option "maxFileRecords" of tfRecordLogCollector() must be a number over 0, got NaN',
    ],
  ])('refuses the options %o', (options, message) => {
    expect(() => tfRecordLogCollector(options)).toThrow(expect.objectContaining({ code: 'INVALID_ARGUMENT', message }));
  });
});
