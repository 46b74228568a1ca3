import { ModelServer } from '@serving/core';
import { drain, servingRouter } from '@serving/express';
import { savedModelPlatform } from '@serving/savedmodel';
import express from 'express';

const server = await ModelServer.start({
  models: [{ name: 'half_plus_two', basePath: process.argv[2] ?? './models/half_plus_two' }],
  platforms: { tensorflow: savedModelPlatform() },
});

const app = express();
app.use(servingRouter(server)); // POST /v1/models/half_plus_two:predict, GET /v1/models/half_plus_two
app.get('/half-plus-two/:x', async (request, response) => {
  const { outputs } = await server.predict({ model: 'half_plus_two', inputs: { x: [Number(request.params.x)] } });
  response.json({ y: outputs.y.data[0] });
});

const listener = app.listen(process.env.PORT ?? 8501);
listener.once('listening', () => console.log(`listening on ${listener.address().port}`));
process.once('SIGTERM', () => drain(listener, server));
