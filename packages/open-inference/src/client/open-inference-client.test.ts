import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createTensor, StringArray, type Tensor } from '@serving/core/tensor';
import { Gate } from '@serving/testing';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { gated, ProtocolServer } from '../protocol-server.test-support.js';
import { OpenInferenceClient, type OpenInferenceClientOptions } from './index.js';

let server: ProtocolServer;
beforeAll(async () => {
  server = await ProtocolServer.start({ openInference: { modelControl: true } });
});
afterAll(() => server.close());

const clientOf = (options: OpenInferenceClientOptions = {}) => new OpenInferenceClient(server.url, options);
const x = createTensor('float', [3, 1], Float32Array.of(1, 2, 5));

/** A server that answers each request with the next of these. */
async function scripted(
  ...answers: readonly { status: number; body?: string | Uint8Array; headers?: Record<string, string> }[]
) {
  const requests: string[] = [];
  const listener = createServer(async (request, response) => {
    let body = '';
    for await (const chunk of request) body += chunk;
    requests.push(`${request.method} ${request.url} ${body}`.trim());
    const { status, body: answer = '', headers = {} } = answers[Math.min(requests.length, answers.length) - 1]!;
    response.writeHead(status, headers).end(answer);
  }).listen(0, '127.0.0.1');
  await once(listener, 'listening');
  onTestFinished(() => {
    listener.closeAllConnections();
    listener.close();
  });
  return { url: `http://127.0.0.1:${(listener.address() as AddressInfo).port}`, requests };
}

describe.each([true, false])('a client with binary: %s', (binary) => {
  it('infers', async () => {
    const { outputs, ...more } = await clientOf({ binary }).infer({
      model: 'H',
      version: 'stable',
      id: '7',
      inputs: { x },
    });
    expect(more).toEqual({ model: 'H', version: '123', id: '7' });
    expect(outputs).toEqual({ y: createTensor('float', [3, 1], Float32Array.of(2.5, 3, 4.5)) });
  });

  it.each<Tensor>([
    createTensor('bool', [2], Uint8Array.of(1, 0)),
    createTensor('int8', [2], Int8Array.of(-128, 127)),
    createTensor('uint16', [1], Uint16Array.of(65535)),
    createTensor('int64', [3], BigInt64Array.of(-(2n ** 63n), 2n ** 63n - 1n, 9007199254740993n)),
    createTensor('uint64', [1], BigUint64Array.of(2n ** 64n - 1n)),
    createTensor(
      'float',
      [5],
      Float32Array.of(0.1, Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, -0),
    ),
    createTensor('double', [2], Float64Array.of(0.1, 1e300)),
    createTensor('half', [2], Uint16Array.of(0x3e00, 0x7bff)),
    createTensor('bfloat16', [1], Uint16Array.of(0x3fc0)),
    createTensor('string', [3], StringArray.from(['', 'NaN 12345678901234567890 "', 'é😀\\'])),
    createTensor('int32', [0, 2], new Int32Array(0)),
  ])('keeps $dtype exact', async (tensor) => {
    const { outputs } = await clientOf({ binary }).infer({
      model: 'D',
      signatureName: `id_${tensor.dtype}`,
      inputs: { x: tensor },
    });
    const y = outputs.y!;
    expect([y.dtype, y.shape]).toEqual([tensor.dtype, tensor.shape]);
    if (y.data instanceof StringArray) expect(y.data.toStrings()).toEqual((tensor.data as StringArray).toStrings());
    else expect(y.data).toEqual(tensor.data);
  });

  it('chooses outputs', async () => {
    const inputs = {
      a: createTensor('float', [1, 3], Float32Array.of(1, 2, 3)),
      b: createTensor('int32', [1], Int32Array.of(4)),
    };
    const { outputs } = await clientOf({ binary }).infer({ model: 'M', inputs, outputs: ['sum'] });
    expect(outputs).toEqual({ sum: createTensor('float', [1], Float32Array.of(10)) });
  });
});

describe('a client', () => {
  it('asks for health, metadata, the repository and statistics', async () => {
    const client = clientOf();
    expect(await Promise.all([client.live(), client.ready(), client.modelReady('H', { version: '124' })])).toEqual([
      true,
      true,
      true,
    ]);
    expect(await client.modelReady('none')).toBe(false);
    expect(await client.metadata()).toMatchObject({ name: 'serving' });
    expect(await client.modelMetadata('M', { signatureName: 'blob' })).toMatchObject({ inputs: [{ name: 'img' }] });
    expect(await client.index({ ready: true })).toContainEqual({ name: 'M', version: '1', state: 'READY', reason: '' });
    expect(await client.statistics('H', { version: '123' })).toMatchObject([{ name: 'H', version: '123' }]);
    expect((await client.statistics()).length).toBeGreaterThan(2);
    await client.unload('M');
    expect(await client.modelReady('M')).toBe(false);
    await client.load('M');
    expect(await client.modelReady('M')).toBe(true);
  });

  it('rejects with what the server says', async () => {
    await expect(clientOf().infer({ model: 'none', inputs: { x } })).rejects.toMatchObject({
      name: 'OpenInferenceError',
      status: 404,
      message: 'Unknown model "none"',
    });
  });

  it.each([
    ['{"detail":"not here"}', 'not here'],
    ['{"detail":[{"loc":"inputs"}]}', '[{"loc":"inputs"}]'],
    ['', 'The server answered with HTTP status 400'],
    ['Bad Request', 'Bad Request'],
  ])('understands the error %j', async (body, message) => {
    const { url } = await scripted({ status: 400, body });
    await expect(new OpenInferenceClient(url).metadata()).rejects.toMatchObject({ status: 400, message });
  });

  it('reads health without a body', async () => {
    const { url } = await scripted({ status: 200 }, { status: 400 });
    const client = new OpenInferenceClient(`${url}/`);
    expect([await client.live(), await client.live()]).toEqual([true, false]);
  });

  it('reads null and the other servers’ forms of numbers', async () => {
    const outputs = [
      { name: 'a', datatype: 'FP32', shape: [2, 1], data: [[null], [1]] },
      { name: 'b', datatype: 'BYTES', shape: [1], parameters: { content_type: 'base64' }, data: ['/wA='] },
    ];
    const { url, requests } = await scripted({ status: 200, body: JSON.stringify({ model_name: 'm', outputs }) });
    const client = new OpenInferenceClient(`${url}/base`, { binary: false });
    const answer = await client.infer({
      model: 'a/b',
      inputs: { x: createTensor('float', [], Float32Array.of(1)) },
      timeoutMs: 0.5,
    });
    expect(requests).toEqual([
      'POST /base/v2/models/a%2Fb/infer {"parameters":{"timeout":500},"inputs":[{"name":"x","shape":[],"datatype":"FP32","data":[1]}]}',
    ]);
    expect(answer.version).toBeUndefined();
    expect(answer.outputs.a).toEqual(createTensor('float', [2, 1], Float32Array.of(Number.NaN, 1)));
    expect((answer.outputs.b!.data as StringArray).at(0)).toEqual(Uint8Array.of(255, 0));
  });

  it('sends a request again that is answered with 503', async () => {
    const { url, requests } = await scripted({ status: 503 }, { status: 503 }, { status: 200, body: '{"name":"s"}' });
    const delays: number[] = [];
    const retryDelayMs = (retry: number) => {
      delays.push(retry);
      return 0;
    };
    expect(await new OpenInferenceClient(url, { retryDelayMs }).metadata()).toEqual({ name: 's' });
    expect([requests.length, delays]).toEqual([3, [1, 2]]);
  });

  it('gives up after its retries, and sends loads once', async () => {
    const { url, requests } = await scripted({ status: 503, body: '{"error":"later"}' });
    const client = new OpenInferenceClient(url, { retryDelayMs: () => 0, retries: 2 });
    await expect(client.metadata()).rejects.toMatchObject({ status: 503, message: 'later', isUnavailable: true });
    expect(requests).toHaveLength(3);
    await expect(client.load('m')).rejects.toMatchObject({ status: 503 });
    expect(requests).toHaveLength(4);
  });

  it('stops when it is aborted, while it waits and while it is answered', async () => {
    const { url } = await scripted({ status: 503 });
    const controller = new AbortController();
    const retryDelayMs = () => {
      queueMicrotask(() => controller.abort(new Error('enough')));
      return 1e6;
    };
    await expect(
      new OpenInferenceClient(url, { retryDelayMs }).metadata({ signal: controller.signal }),
    ).rejects.toThrow('enough');
    const gate = new Gate();
    const slow = await ProtocolServer.during({ models: { slow: gated(gate) } });
    const signal = AbortSignal.timeout(30);
    await expect(
      new OpenInferenceClient(slow.url).infer({ model: 'slow', inputs: { x } }, { signal }),
    ).rejects.toThrow();
    gate.open();
  });

  it.each<[string, Tensor, boolean, string]>([
    [
      'a data type that the protocol lacks',
      createTensor('complex64', [1], new Float32Array(2)),
      true,
      'complex64 is not a data type',
    ],
    ['another count', { ...x, shape: [2] }, true, 'shape [2] has 2 elements, but data has 3'],
    [
      'bytes in JSON',
      createTensor('string', [1], StringArray.from([Uint8Array.of(255)])),
      false,
      'element 0 is not UTF-8',
    ],
  ])('refuses %s', async (_, tensor, binary, message) => {
    await expect(clientOf({ binary }).infer({ model: 'H', inputs: { x: tensor } })).rejects.toThrow(message);
  });
});
