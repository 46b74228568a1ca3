import { serve } from '@hono/node-server';
import { ModelServer } from '@serving/core';
import { createFetchHandler, drain } from '@serving/http';
import { savedModelPlatform } from '@serving/savedmodel';
import { Hono } from 'hono';

const server = await ModelServer.start({
  models: [{ name: 'half_plus_two', basePath: process.argv[2] ?? './models/half_plus_two' }],
  platforms: { tensorflow: savedModelPlatform() },
});

const rest = createFetchHandler(server); // Request → Promise<Response>
const app = new Hono();
app.all('/v1/models/*', (c) => rest(c.req.raw)); // POST /v1/models/half_plus_two:predict, GET /v1/models/half_plus_two
app.mount('/ml', rest); // the same below /ml
app.get('/half-plus-two', async (c) => {
  const { outputs } = await server.predict({ model: 'half_plus_two', inputs: { x: [Number(c.req.query('x'))] } });
  return c.json({ y: outputs.y.data[0] });
});

const listener = serve({ fetch: app.fetch, port: Number(process.env.PORT ?? 8501) }, ({ port }) =>
  console.log(`listening on ${port}`),
);
process.once('SIGTERM', () => drain(listener, server));
