import { ModelServer } from '@serving/core';
import { drain, serveInThreads } from '@serving/http';
import { savedModelPlatform } from '@serving/savedmodel';

const server = await ModelServer.start({
  models: [{ name: 'half_plus_two', basePath: process.argv[2] ?? './models/half_plus_two' }],
  platforms: { tensorflow: savedModelPlatform() },
});
const port = Number(process.env.PORT ?? 8501);
const app = await serveInThreads(new URL('./app.js', import.meta.url), { server, port, threads: 2 });
console.log(`listening on ${app.port}`);

process.once('SIGTERM', () => drain(app, server, { drainDelayMs: Number(process.env.DRAIN_MS ?? 10_000) }));
