/** Several models behind REST and gRPC: `node server.js`, or with a file: `node server.js models.config`. */
import { readFile } from 'node:fs/promises';
import { ModelServer } from '@serving/core';
import { GrpcServer } from '@serving/grpc';
import { RestServer } from '@serving/http';
import { parseModelServerConfig, toModelConfigs } from '@serving/protos/config';
import { savedModelPlatform } from '@serving/savedmodel';
import { models } from './models.js';

const [file] = process.argv.slice(2);
const server = await ModelServer.start({
  models: file ? await readModels(file) : models,
  platforms: { tensorflow: savedModelPlatform() },
});

const rest = await RestServer.listen(server, { port: Number(process.env.PORT ?? 8501) });
const grpc = await GrpcServer.listen(server, { port: Number(process.env.GRPC_PORT ?? 8500) });
console.log(`gRPC on ${grpc.port}, listening on ${rest.port}`);
process.once('SIGTERM', async () => {
  await Promise.all([rest.close(), grpc.close()]);
  await server.close();
});

async function readModels(configFile) {
  const config = parseModelServerConfig(await readFile(configFile, 'utf8'), configFile);
  return toModelConfigs(config, { allowRelativeBasePaths: true });
}
