import { observeServing, type RequestTrace } from '@serving/core/diagnostics';
import { createTensor, type NamedTensors } from '@serving/core/tensor';
import { encodePredictRequestMessage } from '@serving/protos/messages';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { GrpcClient, paths } from '../../../test-doubles/src/grpc-client.js';
import { type GatedModelServer, gatedModelServer } from '../gated-model-server.test-support.js';
import { GrpcServer } from '../server/grpc-server.js';

let gated: GatedModelServer;
let server: GrpcServer;
let client: GrpcClient;

beforeAll(async () => {
  gated = await gatedModelServer();
  server = await GrpcServer.listen(gated.modelServer, { port: 0 });
  client = new GrpcClient(`127.0.0.1:${server.port}`);
});

afterAll(async () => {
  client.close();
  await server.close();
  await gated.modelServer.close();
});

const inputs: NamedTensors = Object.assign(Object.create(null), {
  x: createTensor('float', [1], Float32Array.of(1)),
});

describe('gRPC calls on the diagnostics channels', () => {
  it.each<[string, string[], () => Promise<unknown>]>([
    [
      'a Predict',
      ['decode', 'run', 'encode', 'GRPC Predict double 123 OK'],
      () => client.predict({ modelSpec: { name: 'double' }, inputs }),
    ],
    [
      'a Predict that is refused',
      ['decode NOT_FOUND', 'GRPC Predict nope undefined NOT_FOUND'],
      () => client.predict({ modelSpec: { name: 'nope' }, inputs }),
    ],
    [
      'a Predict that does not parse',
      ['decode INTERNAL', 'GRPC Predict  undefined INTERNAL'],
      () => client.call(paths.predict, Uint8Array.of(0xff)),
    ],
    [
      'a Classify',
      ['decode INVALID_ARGUMENT', 'GRPC Classify double 123 INVALID_ARGUMENT'],
      () => client.classify({ modelSpec: { name: 'double' } }),
    ],
    [
      'a Regress',
      ['decode INVALID_ARGUMENT', 'GRPC Regress double 123 INVALID_ARGUMENT'],
      () => client.regress({ modelSpec: { name: 'double' } }),
    ],
    [
      'a MultiInference',
      ['decode INVALID_ARGUMENT', 'GRPC MultiInference double 123 INVALID_ARGUMENT'],
      () => client.multiInference({ tasks: [{ modelSpec: { name: 'double', signatureName: 'no' } }] }),
    ],
    [
      'a GetModelMetadata',
      ['decode', 'GRPC GetModelMetadata double undefined OK'],
      () => client.getModelMetadata({ modelSpec: { name: 'double' }, metadataField: ['signature_def'] }),
    ],
    [
      'a GetModelStatus',
      ['decode', 'GRPC GetModelStatus double undefined OK'],
      () => client.getModelStatus({ modelSpec: { name: 'double' } }),
    ],
  ])('report %s', async (_, expected, call) => {
    const told: string[] = [];
    const stop = observeServing({
      onStage: ({ stage, error }) => void told.push(error ? `${stage} ${error.code}` : stage),
      onResponse: ({ entrypoint, api, model, version, status }: RequestTrace) =>
        void told.push(`${entrypoint} ${api} ${model} ${version} ${status}`),
    });
    onTestFinished(stop);
    await call().catch(() => undefined);
    expect(told).toEqual(expected);
  });

  it('have the metadata of the call', async () => {
    const requests: RequestTrace[] = [];
    onTestFinished(observeServing({ onRequest: (request) => void requests.push(request) }));
    await client.call(
      paths.predict,
      encodePredictRequestMessage({ modelSpec: { name: 'double', signatureName: '' }, inputs }),
    );
    expect(requests[0]?.server).toBe(gated.modelServer);
    expect(requests[0]?.headers?.header('user-agent')).toContain('grpc-node');
    expect(requests[0]?.headers?.header('traceparent')).toBeUndefined();
  });
});
