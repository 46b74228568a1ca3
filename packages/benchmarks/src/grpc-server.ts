/** The process that is measured over gRPC: `predict`, with a number of threads, or `echo`, which answers each request with bytes that it is given. */
import { type handleUnaryCall, Server, ServerCredentials } from '@grpc/grpc-js';
import { ModelServer } from '@serving/core';
import { GrpcServer } from '@serving/grpc';
import { savedModelPlatform } from '@serving/savedmodel';
import { fixtureBasePath } from './fixtures.js';

const bytes = { serialize: (value: Buffer) => value, deserialize: (value: Buffer) => value };

function startEcho(answer: Buffer): Promise<number> {
  const server = new Server({ 'grpc.max_receive_message_length': -1 });
  const path = '/tensorflow.serving.PredictionService/Predict';
  const echo: handleUnaryCall<Buffer, Buffer> = (_call, respond) => respond(null, answer);
  server.register(path, echo, bytes.serialize, bytes.deserialize, 'unary');
  return new Promise((resolve, reject) => {
    server.bindAsync('127.0.0.1:0', ServerCredentials.createInsecure(), (error, port) =>
      error ? reject(error) : resolve(port),
    );
  });
}

async function startPredict(threads: number): Promise<number> {
  const modelServer = await ModelServer.start({
    models: ['half_plus_two', 'image'].map((name) => ({ name, basePath: fixtureBasePath(name) })),
    platforms: { tensorflow: savedModelPlatform() },
  });
  return (await GrpcServer.listen(modelServer, { port: 0, threads })).port!;
}

const [kind, argument = ''] = process.argv.slice(2);
const port =
  kind === 'echo' ? await startEcho(Buffer.from(argument, 'base64')) : await startPredict(Number(argument || 1));
process.send?.({ port });
process.on('message', () => process.send?.({ cpu: process.cpuUsage() }));
process.on('disconnect', () => process.exit());
