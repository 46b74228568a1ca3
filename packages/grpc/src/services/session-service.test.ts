import { ModelServer } from '@serving/core';
import { createTensor } from '@serving/core/tensor';
import { decodeMessage, encodeMessage } from '@serving/protos/messages';
import { decodeTensorProto, encodeTensorProto } from '@serving/protos/tensor';
import { savedModelPlatform } from '@serving/savedmodel';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { GrpcClient, paths } from '../../../test-doubles/src/grpc-client.js';
import { fixturePath } from '../../../test-doubles/src/saved-model-fixtures.js';
import { gatedModelServer } from '../gated-model-server.test-support.js';
import { GrpcServer } from '../server/grpc-server.js';

let modelServer: ModelServer;
let server: GrpcServer;
let client: GrpcClient;

beforeAll(async () => {
  modelServer = await ModelServer.start({
    models: ['half_plus_two', 'classify_regress', 'digits'].map((name) => ({
      name,
      basePath: fixturePath(name),
      versionPolicy: { all: {} },
    })),
    platforms: { tensorflow: savedModelPlatform() },
    batching: {},
  });
  server = await GrpcServer.listen(modelServer, { port: 0, sessionService: true });
  client = new GrpcClient(`127.0.0.1:${server.port}`);
});

afterAll(async () => {
  client.close();
  await server.close();
  await modelServer.close();
});

const modelSpec = { name: 'half_plus_two', version: { value: 123n } };
const tensor = decodeMessage(
  'tensorflow.TensorProto',
  encodeTensorProto(createTensor('float', [2], Float32Array.of(1, 2))),
);
const feed = (name: string) => [{ name, tensor }];

describe('SessionRun', () => {
  it.each([
    ['tensors of the graph', { feed: feed('x:0'), fetch: ['y:0', 'y:0'] }],
    ['aliases of the signatures', { feed: feed('x'), fetch: ['y', 'y'], tensorNameIsAlias: true }],
    ['a time limit', { feed: feed('x:0'), fetch: ['y:0'], options: { timeoutInMs: 60_000n } }],
  ])('runs from and to %s', async (_, request) => {
    const response = await client.sessionRun({ modelSpec, ...request });
    expect(response.modelSpec).toEqual(modelSpec);
    expect(response.tensor!.map(({ name }) => name)).toEqual(request.fetch);
    const [y] = response.tensor!;
    const bytes = encodeMessage('tensorflow.TensorProto', y!.tensor!);
    expect(decodeTensorProto(bytes, 'y')).toEqual(createTensor('float', [2], Float32Array.of(2.5, 3)));
  });

  it('refuses a shape that would end the process', async () => {
    const request = { modelSpec: { name: 'digits' }, feed: feed('serving_default_image:0') };
    await expect(client.sessionRun({ ...request, fetch: ['StatefulPartitionedCall:0'] })).rejects.toMatchObject({
      code: 3,
      details: 'Tensor "serving_default_image:0" of model "digits" has shape [2]; the graph expects [?,≥2,≥2,?].',
    });
  });

  it.each<[string, number, string, object]>([
    ['no ModelSpec', 3, 'Missing ModelSpec', {}],
    ['a feed twice', 3, 'Duplicate feed: x:0', { modelSpec, feed: [...feed('x:0'), ...feed('x:0')], fetch: ['y:0'] }],
    [
      'an unknown alias',
      3,
      'No signature has a tensor with the alias: y',
      { modelSpec, feed: feed('y'), tensorNameIsAlias: true },
    ],
    ['an unknown tensor', 5, 'nope', { modelSpec, feed: feed('x:0'), fetch: ['nope:0'] }],
    [
      'a target',
      12,
      'SessionRun without fetching (target init) is not supported',
      { modelSpec, target: ['init'], fetch: ['y:0'] },
    ],
  ])('refuses %s', async (_, code, text, request) => {
    await expect(client.sessionRun(request)).rejects.toMatchObject({ code, details: expect.stringContaining(text) });
  });

  it('rejects bytes that are not a request', async () => {
    await expect(client.call(paths.sessionRun, Uint8Array.of(0x0a, 9))).rejects.toMatchObject({ code: 13 });
  });

  it('is not offered unless it is asked for, and not for a servable without a graph', async () => {
    const gated = await gatedModelServer();
    for (const [sessionService, code] of [
      [false, 12],
      [true, 3],
    ] as const) {
      await using other = await GrpcServer.listen(gated.modelServer, { port: 0, sessionService });
      const caller = new GrpcClient(`127.0.0.1:${other.port}`);
      await expect(caller.sessionRun({ modelSpec: { name: 'double' } })).rejects.toMatchObject({ code });
      caller.close();
    }
    await gated.modelServer.close();
  });
});
