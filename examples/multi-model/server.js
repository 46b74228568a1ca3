/** Several models behind REST and gRPC: `node server.js`, or with a file: `node server.js models.config`. */
import { readFile } from 'node:fs/promises';
import { ModelServer } from '@serving/core';
import { GrpcServer } from '@serving/grpc';
import { RestServer } from '@serving/http';
import { parseModelServerConfig, toModelConfigs } from '@serving/protos';
import { savedModelPlatform } from '@serving/savedmodel';
import { models } from './models.js';

const [file] = process.argv.slice(2);
const server = await ModelServer.start({
  models: file ? toModelConfigs(parseModelServerConfig(await readFile(file, 'utf8'), file)) : models,
  platforms: { tensorflow: savedModelPlatform() },
});

const rest = await RestServer.listen(server, { port: Number(process.env.PORT ?? 8501) });
const grpc = await GrpcServer.listen(server, { port: Number(process.env.GRPC_PORT ?? 8500) });
console.log(`gRPC on ${grpc.port}, listening on ${rest.port}`);
process.once('SIGTERM', async () => {
  await Promise.all([rest.close(), grpc.close()]);
  await server.close();
});
