import { once } from 'node:events';
import { describe, expect, it } from 'vitest';
import { GrpcClient } from '../../../test-doubles/src/grpc-client.js';
import { gatedModelServer } from '../gated-model-server.test-support.js';
import { GrpcServer } from '../server/grpc-server.js';

const SERVING = { status: 1 };
const NOT_SERVING = { status: 2 };
const SERVICE_UNKNOWN = { status: 3 };

interface World {
  readonly gated: Awaited<ReturnType<typeof gatedModelServer>>;
  readonly client: GrpcClient;
}

async function withServer(test: (world: World) => Promise<void>, options: { health?: boolean } = {}): Promise<void> {
  const gated = await gatedModelServer();
  const server = await GrpcServer.listen(gated.modelServer, { port: 0, ...options });
  const client = new GrpcClient(`127.0.0.1:${server.port}`);
  try {
    await test({ gated, client });
  } finally {
    client.close();
    await server.close();
    await gated.modelServer.close();
  }
}

const missing = { name: 'missing', basePath: '/nowhere/at/all', platform: 'gated' };

describe('Health.Check', () => {
  it.each(['', 'double', 'PredictionService', 'ModelService', 'tensorflow.serving.PredictionService'])(
    'says that %j serves',
    (service) =>
      withServer(async ({ client }) => {
        expect(await client.checkHealth(service)).toEqual(SERVING);
      }),
  );

  it('does not know other names', () =>
    withServer(async ({ client }) => {
      await expect(client.checkHealth('nope')).rejects.toMatchObject({ code: 5 });
    }));

  it('tells a model without a version, and the whole with it, from the services', () =>
    withServer(async ({ client, gated }) => {
      await gated.modelServer.addModel(missing).catch(() => undefined);
      expect(await client.checkHealth('missing')).toEqual(NOT_SERVING);
      expect(await client.checkHealth('')).toEqual(NOT_SERVING);
      expect(await client.checkHealth('double')).toEqual(SERVING);
      expect(await client.checkHealth('PredictionService')).toEqual(SERVING);
      await gated.modelServer.removeModel('missing');
      expect(await client.checkHealth('')).toEqual(SERVING);
    }));

  it('says that nothing serves when the model server is closing', () =>
    withServer(async ({ client, gated }) => {
      await gated.modelServer.close();
      for (const service of ['', 'double', 'PredictionService']) {
        expect(await client.checkHealth(service)).toEqual(NOT_SERVING);
      }
    }));

  it('is not there when it is not wanted', () =>
    withServer(
      async ({ client }) => {
        await expect(client.checkHealth('')).rejects.toMatchObject({ code: 12 });
      },
      { health: false },
    ));
});

describe('Health.Watch', () => {
  it('tells that a draining server does not serve, while it answers', () =>
    withServer(async ({ client, gated }) => {
      const watch = client.watchHealth('');
      watch.on('error', () => undefined);
      const next = async (): Promise<unknown> => (await once(watch, 'data'))[0];
      expect(await next()).toEqual(SERVING);
      const changed = next();
      gated.modelServer.drain();
      expect(await changed).toEqual(NOT_SERVING);
      expect(await client.checkHealth('PredictionService')).toEqual(NOT_SERVING);
      const handle = gated.modelServer.getServableHandle({ model: 'double' });
      handle.release();
      watch.cancel();
    }));

  it('tells the status and each change of it', () =>
    withServer(async ({ client, gated }) => {
      const watch = client.watchHealth('missing');
      watch.on('error', () => undefined);
      const next = async (): Promise<unknown> => (await once(watch, 'data'))[0];
      expect(await next()).toEqual(SERVICE_UNKNOWN);
      const listed = next();
      await gated.modelServer.addModel(missing).catch(() => undefined);
      expect(await listed).toEqual(NOT_SERVING);
      const gone = next();
      await gated.modelServer.removeModel('missing');
      expect(await gone).toEqual(SERVICE_UNKNOWN);
      watch.cancel();
    }));

  it('reports the end of a model', () =>
    withServer(async ({ client, gated }) => {
      const watch = client.watchHealth('double');
      watch.on('error', () => undefined);
      expect((await once(watch, 'data'))[0]).toEqual(SERVING);
      const changed = once(watch, 'data');
      await gated.modelServer.close();
      expect((await changed)[0]).toEqual(NOT_SERVING);
      watch.cancel();
    }));
});

describe('Health.List', () => {
  it('lists every name', () =>
    withServer(async ({ client }) => {
      const statuses = await client.listHealth();
      expect(statuses).toContainEqual({ key: 'double', value: SERVING });
      // The empty name is not on the wire.
      expect(statuses).toContainEqual({ value: SERVING });
    }));
});
