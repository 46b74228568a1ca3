/** The process that is measured over HTTP: `echo`, `json` or `predict`, each on node:http. */
import { createServer, type Server } from 'node:http';
import { servingConsole } from '@serving/console';
import { ModelServer } from '@serving/core';
import type { BatchingOptions } from '@serving/core/batching';
import type { Tensor } from '@serving/core/tensor';
import { createNodeHandler } from '@serving/http';
import { openInference } from '@serving/open-inference';
import { protobufPredictFormat } from '@serving/protos/messages';
import { savedModelPlatform } from '@serving/savedmodel';
import { byteLengthsPlatform } from './byte-lengths-platform.js';
import { fixtureBasePath } from './fixtures.js';

const MODELS = ['half_plus_two', 'image', 'echo', 'mlp'];

/** Parses a JSON body, and writes what `answer` makes of it. */
function jsonServer(answer: (body: { instances: number[] }, url: string) => unknown) {
  return createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', async () => {
      const value = await answer(JSON.parse(Buffer.concat(chunks).toString()), request.url!);
      const body = Buffer.from(JSON.stringify(value));
      response.writeHead(200, { 'Content-Type': 'application/json', 'Content-Length': body.length });
      response.end(body);
    });
  });
}

/** The MLP alone on one engine. */
async function engineServer(engine: 'onnx' | 'tensorflow', intraOpThreads?: number, batching?: BatchingOptions) {
  const server = await ModelServer.start({
    models: [{ name: 'mlp', basePath: fixtureBasePath('mlp') }],
    platforms: { tensorflow: savedModelPlatform({ engine, ...(intraOpThreads && { intraOpThreads }) }) },
    ...(batching && { batching }),
  });
  return createServer(createNodeHandler(server));
}

function startModelServer(batching?: BatchingOptions, models: readonly string[] = MODELS) {
  return ModelServer.start({
    models: models.map((name) => ({ name, basePath: fixtureBasePath(name) })),
    platforms: { tensorflow: savedModelPlatform() },
    ...(batching && { batching }),
  });
}

const servers: Record<string, () => Promise<Server>> = {
  echo: async () => jsonServer((body) => body),
  /** What an application would write by hand around `server.predict`. */
  async json() {
    const server = await startModelServer();
    return jsonServer(async ({ instances }, url) => {
      const model = /models\/(\w+):/.exec(url)![1]!;
      const input = [...server.getModelMetadata({ model }).signatureDef.get('serving_default')!.inputs.keys()][0]!;
      const { outputs } = await server.predict({ model, inputs: { [input]: instances } });
      const [{ data, shape }] = Object.values(outputs) as [Tensor];
      const values = Array.from(data as Float32Array);
      const width = shape.slice(1).reduce((a, b) => a * b, 1);
      if (shape.length === 1) return { predictions: values };
      return { predictions: Array.from({ length: shape[0]! }, (_, i) => values.slice(i * width, (i + 1) * width)) };
    });
  },
  predict: async () => createServer(createNodeHandler(await startModelServer(), { formats: [protobufPredictFormat] })),
  /** Both protocols on one model server. */
  async v2() {
    const server = await ModelServer.start({
      models: [
        ...['half_plus_two', 'image'].map((name) => ({ name, basePath: fixtureBasePath(name) })),
        { name: 'byte_lengths', basePath: fixtureBasePath('half_plus_two'), platform: 'byte_lengths' },
      ],
      platforms: { tensorflow: savedModelPlatform(), byte_lengths: byteLengthsPlatform },
    });
    return createServer(createNodeHandler(server, { extensions: [openInference()] }));
  },
  /** Twenty models, with a console that only some measurements open. */
  async console() {
    const server = await ModelServer.start({
      models: Array.from({ length: 20 }, (_, i) => ({ name: `m${i}`, basePath: fixtureBasePath('half_plus_two') })),
      platforms: { tensorflow: savedModelPlatform() },
    });
    return createServer(createNodeHandler(server, { extensions: [servingConsole()] }));
  },
  // Its packages stay out of the other servers' memory.
  tfjs: async () => createServer(await (await import('./tfjs-express.js')).tfjsExpressApp()),
  batched: async () => createServer(createNodeHandler(await startModelServer({}))),
  pictures: async () => createServer(createNodeHandler(await startModelServer({}, ['digit_pictures']))),
};

for (const engine of ['onnx', 'tensorflow'] as const) {
  servers[engine] = () => engineServer(engine, 1);
  servers[`${engine}-batched`] = () => engineServer(engine, 1, {});
  servers[`${engine}-default`] = () => engineServer(engine);
}

const listener = await servers[process.argv[2]!]!();
listener.listen(0, '127.0.0.1', () => {
  const address = listener.address();
  process.send?.({ port: typeof address === 'object' ? address?.port : undefined });
});
process.on('message', () => process.send?.({ cpu: process.cpuUsage() }));
process.on('disconnect', () => process.exit());
