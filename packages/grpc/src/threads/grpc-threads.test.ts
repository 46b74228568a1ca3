import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ChannelCredentials } from '@grpc/grpc-js';
import { ModelServer } from '@serving/core';
import { observeServing } from '@serving/core/diagnostics';
import { platformFromLoader, simpleLoader } from '@serving/core/extend';
import { createTensor } from '@serving/core/tensor';
import { decodeMessage } from '@serving/protos/messages';
import { encodeTensorProto } from '@serving/protos/tensor';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { GrpcClient } from '../../../test-doubles/src/grpc-client.js';
import { fixturePath } from '../../../test-doubles/src/saved-model-fixtures.js';
import { GrpcServer } from '../server/grpc-server.js';
import {
  connect,
  halfPlusTwo,
  Load,
  serveFixtures,
  threadExtension,
  threadOf,
  threadPaths,
} from './grpc-threads.test-support.js';

const empty = new Uint8Array(0);

async function outcome(call: Promise<unknown>): Promise<unknown> {
  return call.catch(({ code, details }) => ({ code, details }));
}

describe('GrpcServer with threads', () => {
  it('gives each thread as many connections, each of which stays there', async () => {
    const extensions = [{ module: await threadExtension() }];
    const { grpc } = await serveFixtures(['half_plus_two'], { grpc: { extensions } });
    expect(grpc.threads).toBe(2);
    const clients = Array.from({ length: 8 }, () => connect(grpc.port));
    const first = await Promise.all(clients.map(threadOf));
    const threads = [...new Set(first)];
    expect(threads.map((thread) => first.filter((other) => other === thread).length)).toEqual([4, 4]);
    expect(await Promise.all(clients.map((client) => halfPlusTwo(client)))).toEqual(clients.map(() => 5));
    expect(await Promise.all(clients.map(threadOf))).toEqual(first);
    // The places of connections that have closed are given again.
    for (const [i, client] of clients.entries()) if (first[i] === threads[0]) client.close();
    const later: string[] = [];
    while (later.filter((thread) => thread === threads[0]).length < 4) later.push(await threadOf(connect(grpc.port)));
    expect(later.length).toBeLessThanOrEqual(12);
  });

  it('tells status, metadata, health, services and errors as one thread does', async () => {
    const { server, grpc } = await serveFixtures(['half_plus_two', 'digits']);
    await using one = await GrpcServer.listen(server, { port: 0 });
    const reflect = async (client: GrpcClient): Promise<unknown> => {
      const stream = client.reflect('v1');
      stream.write({ listServices: '' });
      const [answer] = await once(stream, 'data');
      stream.end();
      return answer;
    };
    const questions: ((client: GrpcClient) => Promise<unknown>)[] = [
      (client) => client.getModelStatus({ modelSpec: { name: 'half_plus_two' } }),
      (client) => client.getModelStatus({ modelSpec: { name: 'unknown' } }),
      (client) =>
        client.getModelMetadata({
          modelSpec: { name: 'digits' },
          metadataField: ['signature_def'],
        }) as Promise<unknown>,
      (client) => halfPlusTwo(client, { version: 7n }),
      (client) => halfPlusTwo(client, { versionLabel: 'none' }),
      (client) => client.predict({ modelSpec: { name: 'half_plus_two' }, inputs: {} }),
      (client) => client.call('/tensorflow.serving.PredictionService/None', empty),
      (client) => client.checkHealth('half_plus_two'),
      (client) => client.checkHealth('unknown'),
      (client) => client.listHealth(),
      reflect,
    ];
    const inOne = connect(one.port);
    const inThreads = [connect(grpc.port), connect(grpc.port)];
    for (const ask of questions) {
      const expected = await outcome(ask(inOne));
      for (const client of inThreads) expect(await outcome(ask(client))).toEqual(expected);
    }
  });

  it.each(['tensorflow', 'onnx'] as const)(
    'swaps versions and labels under load without a failed call on %s',
    async (engine) => {
      const basePath = fixturePath('half_plus_two');
      const listed = (version: number) => ({
        models: [
          {
            name: 'half_plus_two',
            basePath,
            versionPolicy: { specific: { versions: [version] } },
            versionLabels: { stable: version },
          },
        ],
      });
      const { server, grpc } = await serveFixtures([], {
        platform: { engine },
        ...listed(123),
        allowVersionLabelsForUnavailableModels: true,
        forceAllowAnyVersionLabelsForUnavailableModels: true,
      });
      const clients = Array.from({ length: 4 }, () => connect(grpc.port));
      const load = new Load(clients, (client) => halfPlusTwo(client));
      for (let i = 0; i < 10; i++) {
        const version = i % 2 === 0 ? 124 : 123;
        await server.reload(listed(version));
        for (const client of clients) {
          const modelSpec = { name: 'half_plus_two', versionLabel: 'stable' };
          const found = await client.getModelMetadata({ modelSpec, metadataField: ['signature_def'] });
          expect(found.modelSpec?.version?.value).toBe(BigInt(version));
        }
        await load.more(20);
      }
      await load.stop();
      expect(load.failures).toEqual([]);
    },
  );

  it('reloads the list in the main thread, with its options, for all threads', async () => {
    let metric = 1;
    const completed: string[][] = [];
    const { server, grpc } = await serveFixtures(['half_plus_two'], {
      grpc: {
        readMetric: () => metric++,
        completeReload: (list) => {
          completed.push(list.models.map(({ name }) => name));
          return list;
        },
      },
    });
    const clients = [connect(grpc.port), connect(grpc.port)];
    const config = [{ name: 'again', basePath: fixturePath('half_plus_two'), modelPlatform: 'tensorflow' }];
    const { metric: metrics } = await clients[0]!.reload({
      config: { modelConfigList: { config } },
      metricNames: ['/requests'],
    });
    expect(metrics).toEqual([{ name: '/requests', int64ValueIncrease: 1n }]);
    expect(completed).toEqual([['again']]);
    expect(server.modelNames).toEqual(['again']);
    for (const client of clients) expect(await halfPlusTwo(client, { name: 'again' })).toBe(5);
    await expect(clients[1]!.reload({ config: {} })).rejects.toMatchObject({ code: 3 });
  });

  it('replaces a thread that an exception of application code ends; only its calls fail', async () => {
    const extensions = [{ module: await threadExtension() }];
    const { grpc, errors } = await serveFixtures(['half_plus_two'], { grpc: { extensions } });
    const clients = Array.from({ length: 4 }, () => connect(grpc.port));
    const threads = await Promise.all(clients.map(threadOf));
    const [victim] = threads;
    const others = clients.filter((_, i) => threads[i] !== victim);
    const kept = new Load(others, (client) => halfPlusTwo(client));
    const fresh = new Load([clients[0]!], async () => {
      const client = connect(grpc.port);
      await halfPlusTwo(client);
      client.close();
    });
    await fresh.more(10);
    await expect(clients[0]!.call(threadPaths.throw, empty)).rejects.toMatchObject({ code: 14 });
    const after = new Set<string>();
    while (after.size < 2) after.add(await outcome(threadOf(connect(grpc.port))).then(String));
    await Promise.all([kept.stop(), fresh.stop()]);
    expect(kept.failures).toEqual([]);
    expect([...after].filter((thread) => threads.includes(thread))).toHaveLength(1);
    expect(after).not.toContain(victim);
    expect(errors).toEqual([expect.stringContaining('a bug of the application')]);
    // A connection that the dead thread had just got may have had its call there.
    expect(fresh.failures.length).toBeLessThanOrEqual(1);
  });

  it('serves TLS, and a unix socket', async () => {
    const pem = (name: string): Promise<string> =>
      readFile(new URL(`../../fixtures/tls/${name}.pem`, import.meta.url), 'utf8');
    const folder = await mkdtemp(join(tmpdir(), 'grpc-threads-'));
    onTestFinished(() => rm(folder, { recursive: true }));
    const socketPath = join(folder, 'grpc.sock');
    const { grpc } = await serveFixtures(['half_plus_two'], {
      grpc: {
        socketPath,
        extensions: [{ module: await threadExtension() }],
        ssl: {
          serverKey: await pem('server-key'),
          serverCert: await pem('server'),
          customCa: await pem('authority'),
          clientVerify: true,
        },
      },
    });
    const credentials = ChannelCredentials.createSsl(
      Buffer.from(await pem('authority')),
      Buffer.from(await pem('client-key')),
      Buffer.from(await pem('client')),
    );
    for (const address of [`localhost:${grpc.port}`, `unix:${socketPath}`]) {
      const options = { 'grpc.ssl_target_name_override': 'localhost' };
      const clients = [0, 1].map(() => connect(address, credentials, options));
      expect(new Set(await Promise.all(clients.map(threadOf))).size).toBe(2);
      for (const client of clients) expect(await halfPlusTwo(client)).toBe(5);
    }
  });

  it('answers what is in flight when it closes, and leaves the model server to its owner', async () => {
    const { server, grpc } = await serveFixtures(['slow']);
    const inputs = {
      iterations: createTensor('int32', [], Int32Array.of(60)),
      x: createTensor('float', [1], Float32Array.of(1)),
    };
    const clients = Array.from({ length: 4 }, () => connect(grpc.port));
    await Promise.all(clients.map((client) => client.checkHealth('')));
    const running = Promise.all(clients.map((client) => client.predict({ modelSpec: { name: 'slow' }, inputs })));
    // A connection's calls begin in their order.
    await Promise.all(clients.map((client) => client.checkHealth('')));
    await grpc.close();
    expect(await running).toHaveLength(4);
    await expect(connect(grpc.port).checkHealth('')).rejects.toMatchObject({ code: 14 });
    expect(server.state).toBe('serving');
  });

  it('ends streams when it closes, and cuts calls in flight when its time is up', async () => {
    const extensions = [{ module: await threadExtension() }];
    const { grpc } = await serveFixtures(['half_plus_two'], { grpc: { extensions } });
    const watch = connect(grpc.port).watchHealth('half_plus_two');
    await once(watch, 'data');
    const watchEnd = once(watch.resume(), 'end');
    const stuck = connect(grpc.port);
    const cut = expect(stuck.call(threadPaths.wait, empty)).rejects.toMatchObject({ code: 14 });
    await stuck.checkHealth('');
    const closed = grpc.close();
    await watchEnd;
    await grpc.close({ timeoutMs: 0 });
    await Promise.all([closed, cut]);
  });

  it('tells watchers of health what the main thread does', async () => {
    const { server, grpc } = await serveFixtures(['half_plus_two']);
    const watches = [connect(grpc.port), connect(grpc.port)].map((client) => client.watchHealth(''));
    for (const watch of watches) watch.on('error', () => undefined);
    const next = (): Promise<unknown[]> => Promise.all(watches.map(async (watch) => (await once(watch, 'data'))[0]));
    expect(await next()).toEqual([{ status: 1 }, { status: 1 }]);
    const changed = next();
    server.drain();
    expect(await changed).toEqual([{ status: 2 }, { status: 2 }]);
    for (const watch of watches) watch.cancel();
  });

  it('runs parts of graphs, batches, examples and Open Inference calls', async () => {
    const extension = new URL('../../../open-inference/dist/extension.js', import.meta.url).href;
    const { server, grpc } = await serveFixtures(['half_plus_two', 'classify_regress'], {
      batching: { maxBatchSize: 64, batchTimeoutMs: 1 },
      grpc: { sessionService: true, extensions: [{ module: extension }] },
    });
    const tensor = decodeMessage(
      'tensorflow.TensorProto',
      encodeTensorProto(createTensor('float', [1], Float32Array.of(4))),
    );
    const clients = [connect(grpc.port), connect(grpc.port)];
    for (const client of clients) {
      const graph = { modelSpec: { name: 'half_plus_two' }, feed: [{ name: 'x:0', tensor }], fetch: ['y:0'] };
      expect((await client.sessionRun(graph)).tensor).toHaveLength(1);
      const answers = await Promise.all(Array.from({ length: 20 }, () => halfPlusTwo(client)));
      expect(answers).toEqual(answers.map(() => 5));
      expect(await client.call('/inference.GRPCInferenceService/ServerReady', empty)).toEqual(Buffer.from([8, 1]));
    }
    expect(server.modelNames).toEqual(['half_plus_two', 'classify_regress']);
  });

  it.each(['tensorflow', 'onnx'] as const)(
    'runs isolated models on %s, whose end fails no other call',
    async (engine) => {
      const pids: number[] = [];
      onTestFinished(
        observeServing({
          onModelProcess: ({ kind, pid }) => {
            if (kind === 'started') pids.push(pid!);
          },
        }),
      );
      const basePath = fixturePath('half_plus_two');
      const { grpc } = await serveFixtures([], {
        platform: { engine },
        models: [
          { name: 'isolated', basePath, options: { isolation: 'process' } },
          { name: 'half_plus_two', basePath },
        ],
      });
      const clients = Array.from({ length: 4 }, () => connect(grpc.port));
      const others = new Load(clients, (client) => halfPlusTwo(client));
      const isolated = new Load(clients, (client) => halfPlusTwo(client, { name: 'isolated' }));
      await isolated.more(20);
      process.kill(pids[0]!, 'SIGKILL');
      while (pids.length < 2 && others.failures.length === 0) await others.more(20);
      await Promise.all([others.stop(), isolated.stop()]);
      expect(others.failures).toEqual([]);
      for (const reason of isolated.failures) expect(reason).toContain("The model's process was ended by SIGKILL");
      for (const client of clients) expect(await halfPlusTwo(client, { name: 'isolated' })).toBe(5);
    },
  );

  it('tells listeners of the main thread of its calls, and logs sampled ones there', async () => {
    const logged: unknown[] = [];
    const { server, grpc } = await serveFixtures(['half_plus_two']);
    const loggingConfig = {
      logCollector: (log: unknown) => {
        logged.push(log);
      },
      samplingConfig: { samplingRate: 1 },
    };
    await server.reload({
      models: [{ name: 'half_plus_two', basePath: fixturePath('half_plus_two'), loggingConfig }],
    });
    const clients = [connect(grpc.port), connect(grpc.port)];
    const seen: unknown[] = [];
    onTestFinished(
      observeServing({
        onResponse: ({ entrypoint, api, model, status }) => seen.push({ entrypoint, api, model, status }),
      }),
    );
    // Threads notice a new listener within a second.
    while (seen.length === 0) await Promise.all(clients.map((client) => halfPlusTwo(client)));
    expect(seen[0]).toEqual({ entrypoint: 'GRPC', api: 'Predict', model: 'half_plus_two', status: 'OK' });
    expect(logged[0]).toMatchObject({ api: 'Predict', logMetadata: { modelSpec: { version: 124 } } });
  });

  it('refuses requests that are larger than allowed in each thread', async () => {
    const { grpc } = await serveFixtures(['half_plus_two'], { grpc: { maxRequestBytes: 1000 } });
    const inputs = { x: createTensor('float', [1000], new Float32Array(1000)) };
    for (const client of [connect(grpc.port), connect(grpc.port)]) {
      await expect(client.predict({ modelSpec: { name: 'half_plus_two' }, inputs })).rejects.toMatchObject({ code: 8 });
    }
  });

  it('serves from one thread where "auto" finds a platform whose models run in one only, and refuses more', async () => {
    const words = platformFromLoader(() => simpleLoader({ load: async () => new Map() }));
    const server = await ModelServer.start({ models: [], platforms: { words } });
    onTestFinished(() => server.close());
    await expect(GrpcServer.listen(server, { port: 0, threads: 2 })).rejects.toMatchObject({
      code: 'FAILED_PRECONDITION',
      message: expect.stringContaining('models of the platform "words" run only in the thread that loaded them'),
    });
    await using grpc = await GrpcServer.listen(server, { port: 0, threads: 'auto' });
    expect(grpc.threads).toBe(1);
  });

  it('refuses what only this thread has', async () => {
    const extensions = [{ module: { createGrpcExtension: () => undefined } }];
    await expect(serveFixtures([], { grpc: { extensions } })).rejects.toThrow('extensions[0]: with several threads');
    await expect(GrpcServer.check({ port: 0, threads: 0 })).rejects.toThrow('threads');
  });
});
