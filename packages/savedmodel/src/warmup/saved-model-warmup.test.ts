import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { createTensor, type StringArray } from '@serving/core/tensor';
import { encodeMessage, encodePredictionLog } from '@serving/protos/messages';
import { encodeTfRecords, readTfRecords } from '@serving/protos/saved-model';
import { tensorflowRuntime } from '@serving/runtime-tensorflow';
import { afterAll, describe, expect, it } from 'vitest';
import { fixturePath } from '../../../test-doubles/src/saved-model-fixtures.js';
import { FakeRuntime } from '../fake-runtime.test-support.js';
import { SavedModelLoader } from '../saved-model-loader.js';
import { WARMUP_RECORDS_PATH, type WarmupOptions } from './saved-model-warmup.js';
import type { WarmupRequest } from './warmup-request.js';
import { writeWarmupRecords } from './write-warmup-records.js';

const root = mkdtempSync(join(tmpdir(), 'saved-model-warmup-'));
const tensorflow = Promise.resolve(tensorflowRuntime());
afterAll(async () => {
  rmSync(root, { recursive: true });
  await (await tensorflow).close?.();
});
let folders = 0;

/** A version's folder of its own, with these records. */
function copyOf(model: string, version: number, records?: readonly Uint8Array[] | Buffer): string {
  const directory = join(root, String(++folders), model, String(version));
  cpSync(fixturePath(model, version), directory, { recursive: true });
  if (records) {
    const path = join(directory, WARMUP_RECORDS_PATH);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, records instanceof Buffer ? records : encodeTfRecords(records as readonly Uint8Array[]));
  }
  return directory;
}

/** Loads a folder on a runtime that executes nothing. */
async function load(directory: string, warmup?: WarmupOptions | false, signal = new AbortController().signal) {
  const runtime = new FakeRuntime();
  const loader = new SavedModelLoader(directory, {
    runtime: async () => runtime,
    ...(warmup !== undefined && { warmup }),
  });
  const outcome = await loader.load({ id: { name: 'm', version: 1 }, signal }).then(
    () => undefined,
    (error: unknown) => error,
  );
  return { outcome, session: runtime.sessions[0]!, loader };
}

/** A request that holds no value. */
const huge = {
  inputs: [{ key: 'x', value: { dtype: 1, tensorShape: { dim: [{ size: 2_000_000_000n }] } } }],
};

/** The record of a predict request for half_plus_two, as our own writer makes it. */
async function record(json: string): Promise<Uint8Array> {
  const directory = copyOf('half_plus_two', 123);
  const { path } = await writeWarmupRecords(directory, json, 'requests.json');
  return [...readTfRecords(readFileSync(path), path)][0]!;
}

describe('a load with warm-up', () => {
  it('runs the records of the folder before it is over', async () => {
    const records = [await record('[{ "inputs": { "x": [1, 2, 5] } }]'), await record('[{ "instances": [8] }]')];
    const { outcome, session } = await load(copyOf('half_plus_two', 123, records));
    expect(outcome).toBeUndefined();
    expect(session.runs.map(({ values }) => values)).toEqual([
      [createTensor('float', [3], Float32Array.of(1, 2, 5))],
      [createTensor('float', [1], Float32Array.of(8))],
    ]);
  });

  it('runs each request as often as told, and requests of a function after the records', async () => {
    const requests = [{ predict: { inputs: { x: [7] } } }];
    const directory = copyOf('half_plus_two', 123, [await record('[{ "inputs": [1] }]')]);
    const contexts: unknown[] = [];
    const { session } = await load(directory, {
      numRequestIterations: 3,
      requests: async (context) => {
        contexts.push(context);
        return requests;
      },
    });
    expect(session.runs.map(({ values }) => (values[0]!.data as Float32Array)[0])).toEqual([1, 1, 1, 7, 7, 7]);
    expect(contexts).toEqual([{ model: 'm', version: 1, directory, signatures: expect.any(Map) }]);
  });

  it('reads a JSON file beside the model, which is optional', async () => {
    const directory = copyOf('half_plus_two', 123);
    const warmup = { requests: 'assets.extra/warmup.json' };
    expect((await load(directory, warmup)).session.runs).toEqual([]);
    mkdirSync(join(directory, 'assets.extra'));
    writeFileSync(join(directory, 'assets.extra/warmup.json'), '[{ "inputs": { "x": [3] } }]');
    expect((await load(directory, warmup)).session.runs).toHaveLength(1);
  });

  it('can be turned off', async () => {
    const { outcome, session } = await load(copyOf('half_plus_two', 123, Buffer.from('no records')), false);
    expect(outcome).toBeUndefined();
    expect(session.runs).toEqual([]);
  });

  it('skips a log of no kind', async () => {
    expect((await load(copyOf('half_plus_two', 123, [new Uint8Array(0)]))).outcome).toBeUndefined();
  });

  it.each<[string, readonly Uint8Array[] | Buffer, string, RegExp]>([
    ['no record file', Buffer.from('not a record file at all'), 'DATA_LOSS', /verify your warmup data is in TFRecord/],
    [
      'a record that is not a log',
      [Uint8Array.of(7)],
      'INVALID_ARGUMENT',
      /Warm-up record 1 of .*: Failed to parse warmup/,
    ],
    [
      'a session run',
      [encodePredictionLog({ type: 'sessionRun', request: new Uint8Array(0) })],
      'UNIMPLEMENTED',
      /Unsupported log_type for warmup: 5$/,
    ],
    [
      'a streamed predict',
      [encodePredictionLog({ type: 'predictStreamed', request: new Uint8Array(0) })],
      'UNIMPLEMENTED',
      /Unsupported log_type for warmup: 7$/,
    ],
    [
      'a predict without inputs',
      [encodePredictionLog({ type: 'predict', request: new Uint8Array(0) })],
      'INVALID_ARGUMENT',
      /Missing but required: \{x\}/,
    ],
    [
      'a tensor that is nearly all filled in',
      [encodePredictionLog({ type: 'predict', request: encodeMessage('tensorflow.serving.PredictRequest', huge) })],
      'INVALID_ARGUMENT',
      /Warm-up record 1 of .*: tensor parsing error: x \(shape \[2000000000\] has 8000000000 bytes/,
    ],
    [
      'too many records',
      Array.from({ length: 1001 }, () => new Uint8Array(0)),
      'INVALID_ARGUMENT',
      /exceeds the maximum \(1000\) at /,
    ],
  ])('fails with %s, and closes the session', async (_, records, code, message) => {
    const directory = copyOf('half_plus_two', 123, records);
    const { outcome, session, loader } = await load(directory);
    expect(outcome).toMatchObject({ code, message: expect.stringMatching(message) });
    expect(outcome).toMatchObject({
      message: expect.stringContaining(`Loading model m version 1 from ${directory} failed: `),
    });
    expect(session.closed).toBe(1);
    expect(() => loader.getServable()).toThrow();
  });

  it('runs several at once, and begins none after the first failure', async () => {
    const requests = Array.from({ length: 9 }, (_, i) => ({ predict: { inputs: i === 3 ? {} : { x: [i] } } }));
    const { outcome, session } = await load(copyOf('half_plus_two', 123), {
      numModelWarmupThreads: 2,
      requests: () => requests,
    });
    expect(outcome).toMatchObject({
      code: 'INVALID_ARGUMENT',
      message: expect.stringContaining('Warm-up request 4: '),
    });
    expect(session.runs.length).toBeLessThan(6);
  });

  it('stops when the version is no longer wanted', async () => {
    const controller = new AbortController();
    const { outcome, session } = await load(
      copyOf('half_plus_two', 123),
      {
        requests: function* () {
          yield { predict: { inputs: { x: [1] } } };
          controller.abort();
          yield { predict: { inputs: { x: [2] } } };
        },
      },
      controller.signal,
    );
    expect(outcome).toMatchObject({ code: 'CANCELLED' });
    expect(session.runs).toHaveLength(1);
    expect(session.closed).toBe(1);
  });
});

describe('warm-up on TensorFlow', () => {
  const json = `[
    { "method": "classify", "signature_name": "classify", "examples": [{ "x": 1.5 }, { "x": 2.0, "y": 3.5 }] },
    { "method": "regress", "signature_name": "regress", "examples": [{ "x": 1.0 }], "context": { "y": 2.0 } }
  ]`;
  const together: WarmupRequest = {
    multiInference: {
      tasks: [
        { signatureName: 'classify', method: 'classify' },
        { signatureName: 'regress', method: 'regress' },
      ],
      examples: [{ x: 2 }],
    },
  };

  it('runs classify, regress and several signatures together, written by ourselves', async () => {
    const directory = copyOf('classify_regress', 1);
    expect(await writeWarmupRecords(directory, json, 'requests.json')).toEqual({
      path: join(directory, WARMUP_RECORDS_PATH),
      records: 2,
    });
    const loader = new SavedModelLoader(directory, {
      runtime: () => tensorflow,
      warmup: { requests: () => [together], numRequestIterations: 2 },
    });
    await loader.load({ id: { name: 'm', version: 1 }, signal: new AbortController().signal });
    await loader.unload();
  });

  it('feeds strings as bytes', async () => {
    const directory = copyOf('strings', 1);
    const bytes = '[{ "inputs": { "text": [{ "b64": "/w==" }, "é"] } }]';
    await writeWarmupRecords(directory, bytes, 'requests.json');
    const { outcome, session } = await load(directory);
    expect(outcome).toBeUndefined();
    const { data } = session.runs[0]!.values[0]!;
    expect(Buffer.from((data as StringArray).bytes).toString('hex')).toBe('ffc3a9');
  });

  it('fails the load when TensorFlow refuses a request', async () => {
    const loader = new SavedModelLoader(copyOf('echo', 1), {
      runtime: () => tensorflow,
      warmup: { requests: () => [{ predict: { inputs: { x: [1] }, outputFilter: ['none'] } }] },
    });
    const context = { id: { name: 'm', version: 1 }, signal: new AbortController().signal };
    await expect(loader.load(context)).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' });
  });
});
