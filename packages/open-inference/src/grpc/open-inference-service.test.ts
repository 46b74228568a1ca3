import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { ServingError } from '@serving/core';
import { GrpcServer } from '@serving/grpc';
import { Gate, startTestServer, type TestServerOptions } from '@serving/testing';
import { describe, expect, it, onTestFinished } from 'vitest';
import * as extension from '../extension.js';
import { bytesOf, elements, gated, halfPlusTwo, identities, multi } from '../protocol-server.test-support.js';
import { ProtocolClient } from './protocol-client.test-support.js';

const models = {
  H: {
    versions: { 123: halfPlusTwo(), 124: halfPlusTwo() },
    versionPolicy: { all: {} },
    versionLabels: { stable: 123, canary: 124 },
  },
  M: multi(),
  D: identities(),
};

async function started(options: Partial<TestServerOptions> = {}, modelControl = true) {
  const test = await startTestServer({ models, ...options });
  const server = await GrpcServer.listen(test.server, {
    port: 0,
    extensions: [{ module: extension, options: { modelControl } }],
  });
  const client = new ProtocolClient(server.port!);
  onTestFinished(async () => {
    client.close();
    await server.close();
    await test.close();
  });
  return { test, client };
}

const input = { name: 'x', datatype: 'FP32', shape: [3, 1] };
const rawX = { modelName: 'H', inputs: [input], rawInputContents: [bytesOf(Float32Array.of(1, 2, 5))] };
const typedX = { modelName: 'H', inputs: [{ ...input, contents: { fp32Contents: [1, 2, 5] } }] };
const INVALID_ARGUMENT = 3;

describe('ModelInfer', () => {
  it('answers raw inputs with raw outputs', async () => {
    const { client } = await started();
    expect(await client.call('ModelInfer', { ...rawX, id: 'r-1' })).toEqual({
      modelName: 'H',
      modelVersion: '124',
      id: 'r-1',
      outputs: [{ name: 'y', datatype: 'FP32', shape: ['3', '1'] }],
      rawOutputContents: [bytesOf(Float32Array.of(2.5, 3, 4.5))],
    });
  });

  it('answers typed inputs with typed outputs', async () => {
    const { client } = await started();
    expect(await client.call('ModelInfer', typedX)).toEqual({
      modelName: 'H',
      modelVersion: '124',
      outputs: [{ name: 'y', datatype: 'FP32', shape: ['3', '1'], contents: { fp32Contents: [2.5, 3, 4.5] } }],
    });
  });

  it('answers in the other form where the request says so', async () => {
    const { client } = await started();
    const parameters = (boolParam: boolean) => ({ parameters: { binary_data_output: { boolParam } } });
    expect(await client.call('ModelInfer', { ...typedX, ...parameters(true) })).toHaveProperty('rawOutputContents');
    const typed = await client.call('ModelInfer', { ...rawX, ...parameters(false) });
    expect(typed).not.toHaveProperty('rawOutputContents');
  });

  it.each([
    ['123', '123'],
    ['stable', '123'],
    ['', '124'],
  ])('runs the version %j', async (modelVersion, expected) => {
    const { client } = await started();
    expect(await client.call('ModelInfer', { ...rawX, modelVersion })).toMatchObject({ modelVersion: expected });
  });

  it.each([
    ['bool', 'BOOL', { boolContents: [true, false] }, Buffer.from([1, 0])],
    ['int8', 'INT8', { intContents: [-128, 127] }, bytesOf(Int8Array.of(-128, 127))],
    ['int16', 'INT16', { intContents: [-32768, 32767] }, bytesOf(Int16Array.of(-32768, 32767))],
    ['int32', 'INT32', { intContents: [-(2 ** 31), 5] }, bytesOf(Int32Array.of(-(2 ** 31), 5))],
    [
      'int64',
      'INT64',
      { int64Contents: ['-9223372036854775808', '9007199254740993'] },
      bytesOf(BigInt64Array.of(-(2n ** 63n), 9007199254740993n)),
    ],
    ['uint8', 'UINT8', { uintContents: [255, 0] }, Buffer.from([255, 0])],
    ['uint16', 'UINT16', { uintContents: [65535, 1] }, bytesOf(Uint16Array.of(65535, 1))],
    ['uint32', 'UINT32', { uintContents: [2 ** 32 - 1, 1] }, bytesOf(Uint32Array.of(2 ** 32 - 1, 1))],
    [
      'uint64',
      'UINT64',
      { uint64Contents: ['18446744073709551615', '1'] },
      bytesOf(BigUint64Array.of(2n ** 64n - 1n, 1n)),
    ],
    ['float', 'FP32', { fp32Contents: [0.5, Number.NaN] }, bytesOf(Float32Array.of(0.5, Number.NaN))],
    ['double', 'FP64', { fp64Contents: [0.1, -0] }, bytesOf(Float64Array.of(0.1, -0))],
    [
      'string',
      'BYTES',
      { bytesContents: [Buffer.from('é'), Buffer.from([0xff])] },
      elements('é', new Uint8Array([0xff])),
    ],
  ])('keeps %s exact, typed and raw', async (type, datatype, contents, bytes) => {
    const { client } = await started();
    const request = { modelName: 'D', parameters: { signature_name: { stringParam: `id_${type}` } } };
    const tensor = { name: 'x', datatype, shape: [2] };
    const typed = await client.call('ModelInfer', { ...request, inputs: [{ ...tensor, contents }] });
    expect(typed).toMatchObject({ outputs: [{ datatype, contents }] });
    const raw = await client.call('ModelInfer', { ...request, inputs: [tensor], rawInputContents: [bytes] });
    expect(raw.rawOutputContents).toEqual([bytes]);
  });

  it('answers FP16 raw, which has no contents', async () => {
    const { client } = await started();
    const request = {
      modelName: 'D',
      parameters: { signature_name: { stringParam: 'id_half' }, binary_data_output: { boolParam: false } },
      inputs: [{ name: 'x', datatype: 'FP16', shape: [1] }],
      rawInputContents: [Buffer.from('003e', 'hex')],
    };
    expect((await client.call('ModelInfer', request)).rawOutputContents).toEqual([Buffer.from('003e', 'hex')]);
  });

  it('answers a large request of many elements, which it reads in slices', async () => {
    const { client } = await started();
    const inputs = [{ name: 'x', datatype: 'BYTES', shape: [100_000] }];
    const parameters = { signature_name: { stringParam: 'id_string' } };
    const raw = Buffer.alloc(500_000, Buffer.from('0100000061', 'hex'));
    const answer = await client.call('ModelInfer', { modelName: 'D', parameters, inputs, rawInputContents: [raw] });
    expect(Buffer.compare((answer.rawOutputContents as Buffer[])[0]!, raw)).toBe(0);
  });

  it('takes no rows in either form', async () => {
    const { client } = await started();
    const empty = { ...input, shape: [0, 1] };
    expect(await client.call('ModelInfer', { modelName: 'H', inputs: [{ ...empty, contents: {} }] })).toMatchObject({
      outputs: [{ shape: ['0', '1'] }],
    });
    const raw = await client.call('ModelInfer', {
      modelName: 'H',
      inputs: [empty],
      rawInputContents: [Buffer.alloc(0)],
    });
    expect(raw.rawOutputContents).toEqual([Buffer.alloc(0)]);
  });

  it.each<[string, object, number, string]>([
    [
      'contents beside raw',
      { ...typedX, rawInputContents: rawX.rawInputContents },
      INVALID_ARGUMENT,
      'beside raw_input_contents',
    ],
    [
      'two raw for one input',
      { ...rawX, rawInputContents: [Buffer.alloc(12), Buffer.alloc(12)] },
      INVALID_ARGUMENT,
      '2 raw_input_contents are given for 1',
    ],
    ['neither', { modelName: 'H', inputs: [input] }, INVALID_ARGUMENT, 'neither contents nor raw_input_contents'],
    [
      'another field',
      { modelName: 'H', inputs: [{ ...input, contents: { fp64Contents: [1, 2, 5] } }] },
      INVALID_ARGUMENT,
      'fp32_contents (got fp64_contents)',
    ],
    [
      'another count',
      { modelName: 'H', inputs: [{ ...input, contents: { fp32Contents: [1] } }] },
      INVALID_ARGUMENT,
      'has 3 elements, but its contents have 1',
    ],
    ['raw of another size', { ...rawX, rawInputContents: [Buffer.alloc(8)] }, INVALID_ARGUMENT, 'has 12 bytes, but 8'],
    [
      'a negative dimension',
      { ...rawX, inputs: [{ ...input, shape: [-1, 1] }] },
      INVALID_ARGUMENT,
      'is not a non-negative integer',
    ],
    [
      'a large dimension',
      { ...rawX, inputs: [{ ...input, shape: ['9223372036854775807', 1] }] },
      INVALID_ARGUMENT,
      'elements',
    ],
    [
      '300 for INT8',
      {
        modelName: 'D',
        parameters: { signature_name: { stringParam: 'id_int8' } },
        inputs: [{ name: 'x', datatype: 'INT8', shape: [1], contents: { intContents: [300] } }],
      },
      INVALID_ARGUMENT,
      'element 0 is 300',
    ],
    [
      'FP16 in contents',
      { modelName: 'D', inputs: [{ name: 'x', datatype: 'FP16', shape: [1], contents: {} }] },
      INVALID_ARGUMENT,
      'FP16 has no contents',
    ],
    ['an unknown datatype', { ...rawX, inputs: [{ ...input, datatype: 'float' }] }, INVALID_ARGUMENT, '(got "float")'],
    ['an unknown model', { ...rawX, modelName: 'none' }, 5, 'Unknown model "none"'],
    ['an unknown label', { ...rawX, modelVersion: 'nope' }, 5, 'no version label "nope"'],
    [
      'complex numbers',
      {
        modelName: 'D',
        parameters: { signature_name: { stringParam: 'id_complex64' } },
        inputs: [{ name: 'x', datatype: 'FP32', shape: [0], contents: {} }],
      },
      12,
      'DT_COMPLEX64',
    ],
    [
      'a run that fails',
      { ...rawX, modelName: 'M', parameters: { signature_name: { stringParam: 'boom' } } },
      13,
      'boom',
    ],
  ])('refuses %s', async (_, request, code, details) => {
    const { client } = await started();
    await expect(client.call('ModelInfer', request)).rejects.toMatchObject({
      code,
      details: expect.stringContaining(details),
    });
  });

  it('refuses bytes that are not a message', async () => {
    const { client } = await started();
    await expect(client.callRaw('ModelInfer', Buffer.from([0x0a, 0x7f, 1]))).rejects.toMatchObject({
      code: INVALID_ARGUMENT,
    });
  });

  it('ends at the deadline of the call, and aborts the run', async () => {
    const gate = new Gate();
    const slow = gated(gate);
    const { client } = await started({ models: { slow } });
    // A slow machine may let a short deadline pass before the call reaches the model.
    for (let milliseconds = 50; slow.calls.length === 0; milliseconds *= 2) {
      const call = client.call('ModelInfer', { ...rawX, modelName: 'slow' }, { deadline: Date.now() + milliseconds });
      await expect(call).rejects.toMatchObject({ code: 4 });
    }
    await expect.poll(() => slow.calls[0]?.options.signal?.aborted).toBe(true);
    gate.open();
  });
});

describe('the other methods', () => {
  it('return the metadata', async () => {
    const { client } = await started();
    expect(await client.call('ServerMetadata')).toMatchObject({
      name: 'serving',
      extensions: expect.arrayContaining(['statistics']),
    });
    expect(await client.call('ModelMetadata', { name: 'H', version: 'stable' })).toEqual({
      name: 'H',
      versions: ['123'],
      platform: 'serving_fake',
      inputs: [{ name: 'x', datatype: 'FP32', shape: ['-1', '1'] }],
      outputs: [{ name: 'y', datatype: 'FP32', shape: ['-1', '1'] }],
      properties: { signatures: 'serving_default', labels: '{"stable":"123","canary":"124"}' },
    });
  });

  it('are ready while the server serves', async () => {
    const { client, test } = await started({
      models: { ...models, bad: halfPlusTwo() },
      onLoader: (loader, { name }) => {
        loader.onLoad = () => (name === 'bad' ? Promise.reject(new ServingError('DATA_LOSS', 'torn')) : undefined);
      },
    });
    expect(await client.call('ServerLive')).toEqual({ live: true });
    expect(await client.call('ServerReady')).toEqual({});
    expect(await client.call('ModelReady', { name: 'H', version: '124' })).toEqual({ ready: true });
    expect(await client.call('ModelReady', { name: 'bad' })).toEqual({});
    await expect(client.call('ModelReady', { name: 'none' })).rejects.toMatchObject({ code: 5 });
    await expect(client.call('ModelInfer', { ...rawX, modelName: 'bad' })).rejects.toMatchObject({ code: 14 });
    await test.server.removeModel('bad');
    expect(await client.call('ServerReady')).toEqual({ ready: true });
    test.server.drain();
    expect(await client.call('ServerReady')).toEqual({});
  });

  it('list the repository, unload and load', async () => {
    const { client } = await started({ models: { H: halfPlusTwo() } });
    expect(await client.call('RepositoryIndex')).toEqual({ models: [{ name: 'H', version: '1', state: 'READY' }] });
    const parameters = { unload_dependents: { boolParam: false } };
    expect(await client.call('RepositoryModelUnload', { modelName: 'H', parameters })).toEqual({});
    expect(await client.call('RepositoryIndex', { ready: true })).toEqual({});
    expect(await client.call('RepositoryIndex')).toMatchObject({
      models: [{ state: 'UNAVAILABLE', reason: 'unloaded' }],
    });
    expect(await client.call('RepositoryModelLoad', { modelName: 'H' })).toEqual({});
    expect(await client.call('ModelReady', { name: 'H' })).toEqual({ ready: true });
  });

  it.each<[string, object, number]>([
    ['RepositoryIndex', { repositoryName: 'r' }, 12],
    ['RepositoryModelLoad', { modelName: 'H', repositoryName: 'r' }, 12],
    ['RepositoryModelLoad', { modelName: 'H', parameters: { config: { stringParam: '{}' } } }, INVALID_ARGUMENT],
    ['RepositoryModelLoad', { modelName: 'none' }, 5],
  ])('refuse %s of %j', async (method, request, code) => {
    const { client } = await started();
    await expect(client.call(method, request)).rejects.toMatchObject({ code });
  });

  it('neither load nor unload unless clients may', async () => {
    const { client } = await started({}, false);
    await expect(client.call('RepositoryModelUnload', { modelName: 'H' })).rejects.toMatchObject({ code: 14 });
  });

  it('return statistics', async () => {
    const { client } = await started({ models: { H: halfPlusTwo(), M: multi() } });
    await client.call('ModelInfer', rawX);
    expect(await client.call('ModelStatistics', { name: 'H' })).toMatchObject({
      modelStats: [
        {
          name: 'H',
          version: '1',
          inferenceCount: '3',
          executionCount: '1',
          inferenceStats: { success: { count: '1', ns: expect.stringMatching(/^\d+$/) }, fail: {} },
          batchStats: [{ batchSize: '3', computeInfer: { count: '1' } }],
        },
      ],
    });
    expect((await client.call('ModelStatistics')).modelStats).toHaveLength(2);
  });

  it('are not there for streams', async () => {
    const { client } = await started();
    await expect(client.callRaw('ModelStreamInfer', Buffer.alloc(0))).rejects.toMatchObject({ code: 12 });
    await expect(client.callRaw('LogSettings', Buffer.alloc(0))).rejects.toMatchObject({ code: 12 });
  });
});

describe('the descriptor of the service', () => {
  it('is the one of the .proto file', async () => {
    const script = fileURLToPath(new URL('../../scripts/generate.mjs', import.meta.url));
    await expect(promisify(execFile)(process.execPath, [script, '--check'])).resolves.toBeDefined();
  });
});
