/** The Express app of the demo: the REST API under /v1, the console, and a route of its own that asks the same model in process. */
import { servingConsole } from '@serving/console';
import { ModelServer } from '@serving/core';
import { drain, servingRouter } from '@serving/express';
import { savedModelPlatform } from '@serving/savedmodel';
import express from 'express';

/** Starts a model server for the folder of digits models and listens on a free port. */
export async function startDigitsApp(basePath) {
  const server = await ModelServer.start({
    models: [{ name: 'digits', basePath }],
    platforms: { tensorflow: savedModelPlatform() },
    pollIntervalMs: 250,
  });

  const app = express();
  app.use(servingRouter(server, { extensions: [servingConsole({ actions: true })] }));
  app.post('/classify', express.json(), async (request, response) => {
    const { version, outputs } = await server.predict({ model: 'digits', inputs: { image: [request.body.image] } });
    response.json({ digit: Number(outputs.label.data[0]), version });
  });

  const listener = await new Promise((resolve, reject) => {
    const listening = app.listen(0, '127.0.0.1', (error) => (error ? reject(error) : resolve(listening)));
  });
  return {
    server,
    url: `http://127.0.0.1:${listener.address().port}`,
    close: () => drain(listener, server, { drainDelayMs: false }),
  };
}
