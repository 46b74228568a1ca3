const { ModelServer } = require('@serving/core');
const { drain, servingRouter } = require('@serving/express');
const { savedModelPlatform } = require('@serving/savedmodel');
const express = require('express');

const app = express();
const starting = ModelServer.start({
  models: [{ name: 'half_plus_two', basePath: process.argv[2] ?? './models/half_plus_two' }],
  platforms: { tensorflow: savedModelPlatform() },
}).then((server) => {
  app.use(servingRouter(server)); // POST /v1/models/half_plus_two:predict, GET /v1/models/half_plus_two
  return server;
});
app.get('/half-plus-two', async (request, response) => {
  const server = await starting; // CommonJS has no top-level await
  const { outputs } = await server.predict({ model: 'half_plus_two', inputs: { x: [Number(request.query.x)] } });
  response.json({ y: outputs.y.data[0] });
});

starting.then((server) => {
  const listener = app.listen(process.env.PORT ?? 8501);
  listener.once('listening', () => console.log(`listening on ${listener.address().port}`));
  process.once('SIGTERM', () => drain(listener, server));
});
