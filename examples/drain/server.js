import { ModelServer } from '@serving/core';
import { servingRouter } from '@serving/express';
import { createHealthHandler, drain } from '@serving/http';
import { savedModelPlatform } from '@serving/savedmodel';
import express from 'express';

const drainDelayMs = Number(process.env.DRAIN_MS ?? 10_000); // longer than the load balancer takes to notice
let server; // not before its models are there

const app = express();
app.use(createHealthHandler(() => server)); // /health/live, and /health/ready: 503 before the models are there and while we drain
const listener = app.listen(process.env.PORT ?? 8501);
listener.once('listening', () => console.log(`listening on ${listener.address().port}`));

server = await ModelServer.start({
  models: [{ name: 'half_plus_two', basePath: process.argv[2] ?? './models/half_plus_two' }],
  platforms: { tensorflow: savedModelPlatform() },
});
app.use(servingRouter(server));
console.log('ready');

process.once('SIGTERM', () => drain(listener, server, { drainDelayMs, timeoutMs: 30_000 }));
