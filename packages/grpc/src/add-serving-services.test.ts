import { Server } from '@grpc/grpc-js';
import { ServingError } from '@serving/core';
import { describe, expect, it } from 'vitest';
import { GrpcClient } from '../../test-doubles/src/grpc-client.js';
import { addServingServices, type CreateGrpcExtension, type GrpcExtensionMethod } from './add-serving-services.js';
import { gatedModelServer } from './gated-model-server.test-support.js';
import { limitCompressedMessages } from './server/compressed-message-limit.js';
import { GrpcServer } from './server/grpc-server.js';

const module = new URL('../fixtures/echo-extension.mjs', import.meta.url);

describe('addServingServices with extensions', () => {
  it('adds the services of an extension to the same server', async () => {
    const { modelServer } = await gatedModelServer();
    const server = await GrpcServer.listen(modelServer, {
      port: 0,
      extensions: [{ module, options: { prefix: 'echo' } }],
    });
    const client = new GrpcClient(`127.0.0.1:${server.port}`);
    const answer = await client.call('/test.Echo/Echo', Buffer.from('hello'));
    expect(Buffer.from(answer).toString()).toBe('echo serving hello');
    expect((await client.getModelStatus({ modelSpec: { name: 'double' } })) as object).toBeDefined();
    client.close();
    let closed = 0;
    process.once('echo-closed' as 'exit', () => closed++);
    await server.close();
    expect(closed).toBe(1);
    await modelServer.close();
  });

  it('makes services of methods for an extension, with the caller and the status of errors', async () => {
    const { modelServer } = await gatedModelServer();
    const createGrpcExtension: CreateGrpcExtension = (_server, _options, { unaryService }) => {
      const echo: GrpcExtensionMethod = (request, call) => {
        if (request.length === 0) throw new ServingError('NOT_FOUND', 'nothing');
        return Buffer.from(`${call.header('from')} ${call.isAborted}`);
      };
      return { services: [unaryService('test.Echo', { Echo: echo })] };
    };
    const server = await GrpcServer.listen(modelServer, { port: 0, extensions: [{ module: { createGrpcExtension } }] });
    const client = new GrpcClient(`127.0.0.1:${server.port}`);
    const answer = await client.call('/test.Echo/Echo', Buffer.from('a'), {}, { from: 'me' });
    expect(Buffer.from(answer).toString()).toBe('me false');
    await expect(client.call('/test.Echo/Echo', Buffer.alloc(0))).rejects.toMatchObject({
      code: 5,
      details: 'nothing',
    });
    client.close();
    await server.close();
    await modelServer.close();
  });

  it('has reflection and health name the services of an extension', async () => {
    const { modelServer } = await gatedModelServer();
    const file = { name: 'echo.proto', dependencies: [], symbols: ['test.Echo'], base64: '' };
    const server = await GrpcServer.listen(modelServer, {
      port: 0,
      extensions: [{ module, options: { prefix: 'echo', files: [file] } }],
    });
    const client = new GrpcClient(`127.0.0.1:${server.port}`);
    expect(await client.checkHealth('test.Echo')).toEqual({ status: 1 });
    modelServer.drain();
    expect(await client.checkHealth('test.Echo')).toEqual({ status: 2 });
    client.close();
    await server.close();
    await modelServer.close();
  });

  it('refuses an extension that names a method of the API, which is served already', async () => {
    const { modelServer } = await gatedModelServer();
    const options = { prefix: '', path: '/tensorflow.serving.PredictionService/Predict' };
    expect(() => addServingServices(new Server(), modelServer, { extensions: [{ module, options }] })).toThrow(
      'already provided',
    );
    await modelServer.close();
  });

  it('refuses extensions that are not a list', async () => {
    const { modelServer } = await gatedModelServer();
    expect(() => addServingServices(new Server(), modelServer, { extensions: false as never })).toThrow(
      expect.objectContaining({
        code: 'INVALID_ARGUMENT',
        message: 'Option "extensions" of addServingServices() must be a list of { module, options }, got false',
      }),
    );
    await modelServer.close();
  });

  it('refuses a module without the function', async () => {
    const { modelServer } = await gatedModelServer();
    const http = new URL('../../testing/fixtures/echo-extension.cjs', import.meta.url);
    expect(() => addServingServices(new Server(), modelServer, { extensions: [{ module: http }] })).toThrow(
      /must export a function "createGrpcExtension" \(exports createHttpExtension\)/,
    );
    await modelServer.close();
  });
});

describe('unknown options', () => {
  it.each<[string, (server: GrpcServer) => unknown]>([
    [
      'Unknown option "timeout" of GrpcServer.close(): did you mean "timeoutMs"? Options: timeoutMs',
      (server) => server.close({ timeout: 1 } as object),
    ],
    [
      'Unknown option "maxInflated" of limitCompressedMessages(): did you mean "maxInflatedBytes"? Options: maxInflatedBytes',
      () => limitCompressedMessages({ maxInflated: 1 } as object),
    ],
  ])('are refused: %s', async (message, ask) => {
    const { modelServer } = await gatedModelServer();
    const server = await GrpcServer.listen(modelServer, { port: 0 });
    await expect((async () => ask(server))()).rejects.toMatchObject({ code: 'INVALID_ARGUMENT', message });
    await server.close();
    await modelServer.close();
  });
});
