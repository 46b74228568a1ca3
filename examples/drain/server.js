import { setTimeout as sleep } from 'node:timers/promises';
import { ModelServer } from '@serving/core';
import { servingRouter } from '@serving/express';
import { createHealthHandler } from '@serving/http';
import { savedModelPlatform } from '@serving/savedmodel';
import express from 'express';

const drainMs = Number(process.env.DRAIN_MS ?? 10_000); // longer than the load balancer takes to notice
let ready; // the model server, while requests are wanted

const app = express();
app.use(createHealthHandler(() => ready)); // /health/live, and /health/ready: 503 before the models are there and while we drain
const listener = app.listen(process.env.PORT ?? 8501);
listener.once('listening', () => console.log(`listening on ${listener.address().port}`));

const server = await ModelServer.start({
  models: [{ name: 'half_plus_two', basePath: process.argv[2] ?? './models/half_plus_two' }],
  platforms: { tensorflow: savedModelPlatform() },
});
app.use(servingRouter(server));
ready = server;
console.log('ready');

process.once('SIGTERM', async () => {
  ready = undefined;
  await sleep(drainMs); // requests that still come are answered
  listener.close(() => server.close({ timeoutMs: 20_000 })); // those under way too; then the models are unloaded
});
