/** A server for production: `node server.js MODEL_FOLDER`. `pino()` may stand in place of the console. */
import { ModelServer } from '@serving/core';
import { GrpcServer } from '@serving/grpc';
import { drain, RestServer } from '@serving/http';
import { savedModelPlatform } from '@serving/savedmodel';
import { attachLogger, servingMetrics } from '@serving/telemetry';

const { PORT = 8501, GRPC_PORT = 8500, HOST = '::', DRAIN_MS = 10_000 } = process.env;

attachLogger(console);
const metrics = servingMetrics();
const server = await ModelServer.start({
  models: [{ name: 'half_plus_two', basePath: process.argv[2] ?? '/models/half_plus_two' }],
  platforms: { tensorflow: savedModelPlatform() },
  startPolicy: 'all', // a missing or broken model fails the start, and so the deployment
  batching: {},
  resourceLimits: { ramBytes: 3 * 1024 ** 3 }, // three quarters of the container's memory
});

const rest = await RestServer.listen(server, {
  host: HOST,
  port: Number(PORT),
  healthPath: '/health',
  prometheusPath: '/metrics',
  metrics,
  maxBodyBytes: 8 * 1024 ** 2, // what the largest request needs
  timeoutMs: 10_000,
});
const grpc = await GrpcServer.listen(server, {
  host: HOST,
  port: Number(GRPC_PORT),
  maxRequestBytes: 8 * 1024 ** 2,
  allowReload: false, // clients do not change the list of models
});
console.log(`listening on ${rest.port}`);

process.once('SIGTERM', () => drain([rest, grpc], server, { drainDelayMs: Number(DRAIN_MS), timeoutMs: 30_000 }));
