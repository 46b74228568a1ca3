import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders, type ServerHttp2Stream } from 'node:http2';
import { type AddressInfo, createServer as createTcpServer, type Socket } from 'node:net';
import { fileURLToPath } from 'node:url';
import { createTensor, StringArray, type Tensor, tensorBytes } from '@serving/core/tensor';
import { GrpcServer } from '@serving/grpc';
import { Gate } from '@serving/testing';
import protobuf from 'protobufjs';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { OpenInferenceError } from '../client/open-inference-error.js';
import * as extension from '../extension.js';
import { gated, ProtocolServer } from '../protocol-server.test-support.js';
import { OpenInferenceGrpcClient, type OpenInferenceGrpcClientOptions } from './index.js';

const root = protobuf.loadSync(fileURLToPath(new URL('../../proto/open_inference.proto', import.meta.url)));

let server: ProtocolServer;
let grpcServer: GrpcServer;
beforeAll(async () => {
  server = await ProtocolServer.start();
  grpcServer = await GrpcServer.listen(server.server, {
    port: 0,
    extensions: [{ module: extension, options: { modelControl: true } }],
  });
});
afterAll(async () => {
  await grpcServer.close();
  await server.close();
});

function clientOf(port: number, options: OpenInferenceGrpcClientOptions = {}): OpenInferenceGrpcClient {
  const client = new OpenInferenceGrpcClient(`http://127.0.0.1:${port}`, options);
  onTestFinished(() => client.close());
  return client;
}
const ours = (options?: OpenInferenceGrpcClientOptions) => clientOf(grpcServer.port!, options);
const x = createTensor('float', [3, 1], Float32Array.of(1, 2, 5));

type Answer = (stream: ServerHttp2Stream, headers: IncomingHttpHeaders, request: Buffer) => void;

/** A server of HTTP/2 that answers each call with the next of these, the last one further on. */
async function scripted(...answers: readonly Answer[]): Promise<{ port: number; calls: IncomingHttpHeaders[] }> {
  const calls: IncomingHttpHeaders[] = [];
  const listener = createServer();
  const streams = new Set<ServerHttp2Stream>();
  listener.on('stream', async (stream, headers) => {
    streams.add(stream);
    stream.on('error', () => undefined);
    const chunks: Buffer[] = [];
    for await (const chunk of stream) chunks.push(chunk);
    calls.push(headers);
    answers[Math.min(calls.length, answers.length) - 1]!(stream, headers, Buffer.concat(chunks).subarray(5));
  });
  listener.listen(0, '127.0.0.1');
  await once(listener, 'listening');
  onTestFinished(() => {
    for (const stream of streams) stream.session?.destroy();
    listener.close();
  });
  return { port: (listener.address() as AddressInfo).port, calls };
}

/** A message of the protocol, as other servers write it. */
function message(type: string, value: object): Answer {
  const found = root.lookupType(`inference.${type}`);
  return bytes(Buffer.from(found.encode(found.fromObject(value)).finish()));
}

function bytes(body: Buffer): Answer {
  return (stream) => {
    const head = Buffer.alloc(5);
    head.writeUInt32BE(body.length, 1);
    stream.respond({ ':status': 200, 'content-type': 'application/grpc' }, { waitForTrailers: true });
    stream.on('wantTrailers', () => stream.sendTrailers({ 'grpc-status': '0' }));
    stream.end(Buffer.concat([head, body]));
  };
}

const status = (code: number, text: string): Answer => {
  const headers = {
    ':status': 200,
    'content-type': 'application/grpc',
    'grpc-status': String(code),
    'grpc-message': text,
  };
  return (stream) => stream.respond(headers, { endStream: true });
};

describe('a client over gRPC, with our server', () => {
  it('infers', async () => {
    const { outputs, ...more } = await ours().infer({ model: 'H', version: 'stable', id: '7', inputs: { x } });
    expect(more).toEqual({ model: 'H', version: '123', id: '7' });
    expect(outputs).toEqual({ y: createTensor('float', [3, 1], Float32Array.of(2.5, 3, 4.5)) });
  });

  it.each<Tensor>([
    createTensor('bool', [2], Uint8Array.of(1, 0)),
    createTensor('int64', [3], BigInt64Array.of(-(2n ** 63n), 2n ** 63n - 1n, 9007199254740993n)),
    createTensor('float', [3], Float32Array.of(0.1, Number.NaN, -0)),
    createTensor('half', [2], Uint16Array.of(0x3e00, 0x7bff)),
    createTensor('bfloat16', [1], Uint16Array.of(0x3fc0)),
    createTensor('string', [2], StringArray.from([Uint8Array.of(255, 0), 'é😀'])),
    createTensor('int32', [0, 2], new Int32Array(0)),
  ])('keeps $dtype exact', async (tensor) => {
    const signatureName = `id_${tensor.dtype}`;
    const { outputs } = await ours().infer({ model: 'D', signatureName, inputs: { x: tensor } });
    const { dtype, shape, data } = outputs.y!;
    expect([dtype, shape]).toEqual([tensor.dtype, tensor.shape]);
    const plain = (values: Tensor['data']) =>
      values instanceof StringArray ? Array.from({ length: values.length }, (_, i) => [...values.at(i)]) : values;
    expect(plain(data)).toEqual(plain(tensor.data));
  });

  it('chooses outputs', async () => {
    const inputs = {
      a: createTensor('float', [1, 3], Float32Array.of(1, 2, 3)),
      b: createTensor('int32', [1], Int32Array.of(4)),
    };
    const { outputs } = await ours().infer({ model: 'M', inputs, outputs: ['twice'] });
    expect(outputs).toEqual({ twice: createTensor('float', [1], Float32Array.of(20)) });
  });

  it('carries tensors of megabytes in both directions', async () => {
    const data = Float32Array.from({ length: 1_500_000 }, (_, i) => i);
    const { outputs } = await ours().infer({ model: 'D', inputs: { x: createTensor('float', [data.length], data) } });
    expect(Buffer.compare(tensorBytes(outputs.y!), Buffer.from(data.buffer))).toBe(0);
  });

  it('asks for health, metadata, the repository and statistics', async () => {
    const client = ours();
    expect(await Promise.all([client.live(), client.ready(), client.modelReady('H', { version: '124' })])).toEqual([
      true,
      true,
      true,
    ]);
    expect(await client.modelReady('none')).toBe(false);
    expect(await client.metadata()).toMatchObject({
      name: 'serving',
      extensions: expect.arrayContaining(['statistics']),
    });
    expect(await client.modelMetadata('H')).toMatchObject({
      versions: ['123', '124'],
      inputs: [{ name: 'x', datatype: 'FP32', shape: [-1, 1] }],
      properties: { labels: '{"stable":"123","canary":"124"}' },
    });
    await client.infer({ model: 'H', version: '123', inputs: { x } });
    const [statistics] = await client.statistics('H', { version: '123' });
    expect(statistics).toMatchObject({ name: 'H', version: '123', batch_stats: [{ batch_size: 3 }] });
    expect(statistics!.inference_stats.success.count).toBeGreaterThan(0);
    await client.unload('M');
    expect(await client.modelReady('M')).toBe(false);
    await client.load('M');
    expect(await client.index({ ready: true })).toContainEqual({ name: 'M', version: '1', state: 'READY', reason: '' });
  });

  it.each([
    ['none', { x }, 404, 'NOT_FOUND', 'Unknown model "none"'],
    ['H', { x: createTensor('double', [1, 1], Float64Array.of(1)) }, 400, 'INVALID_ARGUMENT', 'expects FP32'],
  ])('rejects with what the server says of model %s', async (model, inputs, httpStatus, code, text) => {
    const error = await ours({ retries: 0 })
      .infer({ model, inputs })
      .catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(OpenInferenceError);
    expect(error).toMatchObject({ status: httpStatus, code, message: expect.stringContaining(text) });
  });

  it('ends a call at its deadline, and when it is aborted', async () => {
    const gate = new Gate();
    const slow = await ProtocolServer.during({ models: { slow: gated(gate) } });
    const listener = await GrpcServer.listen(slow.server, { port: 0, extensions: [{ module: extension }] });
    onTestFinished(() => listener.close());
    const client = clientOf(listener.port!);
    const request = { model: 'slow', inputs: { x } };
    await expect(client.infer({ ...request, timeoutMs: 30 })).rejects.toMatchObject({ code: 'DEADLINE_EXCEEDED' });
    const controller = new AbortController();
    const call = client.infer(request, { signal: controller.signal });
    controller.abort(new Error('enough'));
    await expect(call).rejects.toThrow('enough');
    await expect(client.infer(request, { signal: AbortSignal.abort(new Error('before')) })).rejects.toThrow('before');
    gate.open();
    expect(await client.live()).toBe(true);
  });

  it('rejects calls after it was closed', async () => {
    const client = ours();
    expect(await client.live()).toBe(true);
    client.close();
    await expect(client.metadata()).rejects.toMatchObject({ code: 'CANCELLED', message: 'The client is closed' });
  });
});

describe('a client over gRPC, with other servers', () => {
  const float = { name: 'y', datatype: 'FP32', shape: [2] };

  it.each([
    [
      'Triton: raw',
      {
        modelName: 'm',
        modelVersion: '1',
        outputs: [float],
        rawOutputContents: [Buffer.from([0, 0, 128, 63, 0, 0, 0, 64])],
      },
      '1',
    ],
    [
      'KServe: typed, no version',
      { modelName: 'm', id: 'a', outputs: [{ ...float, contents: { fp32Contents: [1, 2] } }] },
      undefined,
    ],
    [
      'MLServer: typed, with parameters of its own',
      {
        modelName: 'm',
        parameters: { content_type: { stringParam: 'np' } },
        outputs: [
          { ...float, parameters: { content_type: { stringParam: 'np' } }, contents: { fp32Contents: [1, 2] } },
        ],
      },
      undefined,
    ],
  ])('reads the answer of %s', async (_, answer, version) => {
    const { port, calls } = await scripted(message('ModelInferResponse', answer));
    const read = await clientOf(port, { headers: { authorization: 'Bearer t' } }).infer({ model: 'm', inputs: { x } });
    expect(read.version).toBe(version);
    expect(read.outputs.y).toEqual(createTensor('float', [2], Float32Array.of(1, 2)));
    expect(calls[0]).toMatchObject({
      ':path': '/inference.GRPCInferenceService/ModelInfer',
      te: 'trailers',
      authorization: 'Bearer t',
    });
  });

  it('reads typed BYTES, integers and booleans', async () => {
    const outputs = [
      { name: 's', datatype: 'BYTES', shape: [2], contents: { bytesContents: [Buffer.from('a'), Buffer.from([255])] } },
      { name: 'i', datatype: 'INT8', shape: [2], contents: { intContents: [-128, 127] } },
      { name: 'l', datatype: 'UINT64', shape: [1], contents: { uint64Contents: ['18446744073709551615'] } },
      { name: 'b', datatype: 'BOOL', shape: [2], contents: { boolContents: [true, false] } },
    ];
    const { port } = await scripted(message('ModelInferResponse', { modelName: 'm', outputs }));
    const { outputs: read } = await clientOf(port).infer({ model: 'm', inputs: { x } });
    expect((read.s!.data as StringArray).at(1)).toEqual(Uint8Array.of(255));
    expect([read.i!.data, read.l!.data, read.b!.data]).toEqual([
      Int8Array.of(-128, 127),
      BigUint64Array.of(2n ** 64n - 1n),
      Uint8Array.of(1, 0),
    ]);
  });

  it('takes an error for a model that is not ready, as Triton answers', async () => {
    const { port } = await scripted(status(14, 'no versions'), status(5, 'no such model'), status(12, 'what'));
    const client = clientOf(port, { retries: 0 });
    expect([await client.modelReady('m'), await client.modelReady('m')]).toEqual([false, false]);
    await expect(client.modelReady('m')).rejects.toMatchObject({ code: 'UNIMPLEMENTED', status: 501 });
  });

  it.each<[string, Answer, object]>([
    ['an encoded message', status(3, 'n%C3%A9'), { code: 'INVALID_ARGUMENT', message: 'né' }],
    ['a message that is wrongly encoded', status(3, '100%'), { code: 'INVALID_ARGUMENT', message: '100%' }],
    ['a status without a name', status(99, ''), { code: 'UNKNOWN' }],
    ['a proxy', (stream) => stream.respond({ ':status': 403 }, { endStream: true }), { code: 'PERMISSION_DENIED' }],
    ['no status', (stream) => stream.respond({ ':status': 200 }, { endStream: true }), { code: 'UNKNOWN' }],
    ['a refused stream', (stream) => stream.close(7), { code: 'UNAVAILABLE' }],
    ['a cut message', bytesAlone(Buffer.from([0, 0, 0, 0, 9, 1])), { code: 'INTERNAL' }],
    ['a compressed message', bytesAlone(Buffer.from([1, 0, 0, 0, 0])), { code: 'INTERNAL' }],
    ['no message', bytesAlone(Buffer.alloc(0)), { code: 'INTERNAL' }],
  ])('rejects for %s', async (_, answer, expected) => {
    const { port } = await scripted(answer);
    await expect(clientOf(port, { retries: 0 }).metadata()).rejects.toMatchObject(expected);
  });

  it('sends a call again that is answered with UNAVAILABLE, and loads once', async () => {
    const { port, calls } = await scripted(
      status(14, 'later'),
      (stream) => stream.session!.destroy(),
      message('ServerMetadataResponse', { name: 'triton', version: '2.9' }),
      status(14, 'later'),
    );
    const delays: number[] = [];
    const retryDelayMs = (retry: number) => {
      delays.push(retry);
      return 0;
    };
    const client = clientOf(port, { retryDelayMs });
    expect(await client.metadata()).toEqual({ name: 'triton', version: '2.9', extensions: [] });
    expect([calls.length, delays]).toEqual([3, [1, 2]]);
    await expect(client.load('m')).rejects.toMatchObject({ isUnavailable: true });
    expect(calls).toHaveLength(4);
  });

  it('rejects with UNAVAILABLE where nothing listens', async () => {
    const listener = createServer().listen(0, '127.0.0.1');
    await once(listener, 'listening');
    const { port } = listener.address() as AddressInfo;
    await new Promise((resolve) => listener.close(resolve));
    const client = clientOf(port, { retries: 0 });
    await expect(client.metadata()).rejects.toMatchObject({ code: 'UNAVAILABLE', message: /ECONNREFUSED/ });
    await expect(client.live()).rejects.toMatchObject({ code: 'UNAVAILABLE' });
  });

  it('gives up a connection that answers no ping', async () => {
    const sockets = new Set<Socket>();
    const listener = createTcpServer((socket) => {
      sockets.add(socket.on('error', () => undefined).resume());
    }).listen(0, '127.0.0.1');
    await once(listener, 'listening');
    onTestFinished(() => {
      for (const socket of sockets) socket.destroy();
      listener.close();
    });
    const client = clientOf((listener.address() as AddressInfo).port, { keepAliveMs: 20, retries: 0 });
    await expect(client.metadata()).rejects.toMatchObject({ code: 'UNAVAILABLE', message: /did not answer a ping/ });
  });
});

function bytesAlone(body: Buffer): Answer {
  return (stream) => {
    stream.respond({ ':status': 200, 'content-type': 'application/grpc' }, { waitForTrailers: true });
    stream.on('wantTrailers', () => stream.sendTrailers({ 'grpc-status': '0' }));
    stream.end(body);
  };
}
