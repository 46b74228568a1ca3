import { once } from 'node:events';
import type { Messages } from '@serving/protos/messages';
import { describe, expect, it } from 'vitest';
import { GrpcClient } from '../../../test-doubles/src/grpc-client.js';
import { gatedModelServer } from '../gated-model-server.test-support.js';
import { GrpcServer } from '../server/grpc-server.js';
import { ReflectionService } from './reflection-service.js';

const service = new ReflectionService(['a.B']);
const answer = (request: Messages['grpc.reflection.v1.ServerReflectionRequest']) => service.answer(request);

/** The names of the files in an answer: the first field of a FileDescriptorProto. */
function fileNames(response: ReturnType<typeof answer>): string[] {
  const files = response.fileDescriptorResponse?.fileDescriptorProto ?? [];
  return files.map((bytes) => {
    expect(bytes[0]).toBe(0x0a);
    return Buffer.from(bytes.subarray(2, 2 + bytes[1]!)).toString();
  });
}

describe('ReflectionService', () => {
  it.each([
    ['a service', 'tensorflow.serving.PredictionService', 'tensorflow_serving/apis/prediction_service.proto'],
    ['a method', 'tensorflow.serving.PredictionService.Predict', 'tensorflow_serving/apis/prediction_service.proto'],
    ['a message', 'tensorflow.TensorProto', 'tensorflow/core/framework/tensor.proto'],
    ['an enum', 'tensorflow.DataType', 'tensorflow/core/framework/types.proto'],
    ['a nested message', 'tensorflow.TensorShapeProto.Dim', 'tensorflow/core/framework/tensor_shape.proto'],
    ['a message of protobuf', 'google.protobuf.Int64Value', 'google/protobuf/wrappers.proto'],
  ])('gives the file of %s first', (_, symbol, file) => {
    expect(fileNames(answer({ fileContainingSymbol: symbol }))[0]).toBe(file);
    expect(fileNames(answer({ fileByFilename: file }))[0]).toBe(file);
  });

  it('gives all that a file imports, each once', () => {
    const names = fileNames(answer({ fileContainingSymbol: 'tensorflow.serving.PredictionService' }));
    expect(new Set(names).size).toBe(names.length);
    expect(names).toEqual(
      expect.arrayContaining([
        'tensorflow_serving/apis/predict.proto',
        'tensorflow/core/framework/tensor.proto',
        'tensorflow/core/example/feature.proto',
        'google/protobuf/any.proto',
      ]),
    );
  });

  it.each<[string, Parameters<typeof answer>[0], number]>([
    ['an unknown symbol', { fileContainingSymbol: 'a.B' }, 5],
    ['an unknown file', { fileByFilename: 'a.proto' }, 5],
    ['an extension', { fileContainingExtension: { containingType: 'a.B', extensionNumber: 1 } }, 5],
    ['extensions of an unknown type', { allExtensionNumbersOfType: 'a.B' }, 5],
    ['nothing', {}, 3],
  ])('answers %s with an error', (_, request, errorCode) => {
    expect(answer(request)).toMatchObject({ originalRequest: request, errorResponse: { errorCode } });
  });

  it('gives the files of extensions beside its own', () => {
    const file = { name: 'a.proto', dependencies: ['b.proto'], symbols: ['a.B', 'a.B.C'], base64: 'CgdhLnByb3Rv' };
    const imported = { name: 'b.proto', dependencies: [], symbols: [], base64: 'CgdiLnByb3Rv' };
    const extended = new ReflectionService(['a.B'], [file, imported]);
    expect(fileNames(extended.answer({ fileContainingSymbol: 'a.B.C' }))).toEqual(['a.proto', 'b.proto']);
    expect(extended.answer({ listServices: '' })).toMatchObject({
      listServicesResponse: { service: [{ name: 'a.B' }] },
    });
  });

  it('knows no extensions', () => {
    expect(answer({ allExtensionNumbersOfType: 'tensorflow.TensorProto' })).toMatchObject({
      allExtensionNumbersResponse: { baseTypeName: 'tensorflow.TensorProto', extensionNumber: [] },
    });
  });

  it.each(['v1', 'v1alpha'] as const)('answers request by request over a socket (%s)', async (version) => {
    const { modelServer } = await gatedModelServer();
    const server = await GrpcServer.listen(modelServer, { port: 0 });
    const client = new GrpcClient(`127.0.0.1:${server.port}`);
    const stream = client.reflect(version);
    const ask = async (request: Parameters<typeof answer>[0]): Promise<unknown> => {
      const [, [response]] = await Promise.all([stream.write(request), once(stream, 'data')]);
      return response;
    };
    expect(await ask({ listServices: '*' })).toMatchObject({
      listServicesResponse: {
        service: expect.arrayContaining([
          { name: 'tensorflow.serving.PredictionService' },
          { name: 'grpc.health.v1.Health' },
        ]),
      },
    });
    expect(await ask({ fileContainingSymbol: 'nope' })).toMatchObject({ errorResponse: { errorCode: 5 } });
    stream.end();
    await once(stream, 'end');
    client.close();
    await server.close();
    await modelServer.close();
  });
});
