import { ModelServer } from '@serving/core';
import { drain, servingPlugin } from '@serving/fastify';
import { savedModelPlatform } from '@serving/savedmodel';
import fastify from 'fastify';

const server = await ModelServer.start({
  models: [{ name: 'half_plus_two', basePath: process.argv[2] ?? './models/half_plus_two' }],
  platforms: { tensorflow: savedModelPlatform() },
});

const app = fastify();
app.register(servingPlugin, { server }); // POST /v1/models/half_plus_two:predict, GET /v1/models/half_plus_two
app.get('/half-plus-two', async (request) => {
  const { outputs } = await server.predict({ model: 'half_plus_two', inputs: { x: [Number(request.query.x)] } });
  return { y: outputs.y.data[0] };
});
app.addHook('onClose', () => server.close()); // when the requests in flight have been answered

const url = await app.listen({ port: process.env.PORT ?? 8501 });
console.log(`listening on ${new URL(url).port}`);
process.once('SIGTERM', () => drain(app.server, server).then(() => app.close()));
