import { ModelServer } from '@serving/core';
import { drain, servingMiddleware } from '@serving/koa';
import { savedModelPlatform } from '@serving/savedmodel';
import Koa from 'koa';

const server = await ModelServer.start({
  models: [{ name: 'half_plus_two', basePath: process.argv[2] ?? './models/half_plus_two' }],
  platforms: { tensorflow: savedModelPlatform() },
});

const app = new Koa();
app.use(servingMiddleware(server)); // POST /v1/models/half_plus_two:predict, GET /v1/models/half_plus_two
app.use(async (ctx) => {
  const { outputs } = await server.predict({ model: 'half_plus_two', inputs: { x: [Number(ctx.query.x)] } });
  ctx.body = { y: outputs.y.data[0] };
});

const listener = app.listen(process.env.PORT ?? 8501, () => console.log(`listening on ${listener.address().port}`));
process.once('SIGTERM', () => drain(listener, server));
