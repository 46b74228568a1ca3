import { ModelServer, ServingError } from '@serving/core';
import { drain, servingRouter } from '@serving/express';
import { savedModelPlatform } from '@serving/savedmodel';
import express from 'express';

const server = await ModelServer.start({
  models: [{ name: 'digits', basePath: process.argv[2] ?? './models/digits' }], // the folder of the versions
  platforms: { tensorflow: savedModelPlatform() },
  startPolicy: 'all', // rejects, as loadSavedModel does, when the model can't be loaded
});

const app = express();
app.use(servingRouter(server)); // TensorFlow Serving's REST API; new, and before express.json()
app.use(express.json({ limit: '10mb' }));
app.post('/classify', async (request, response) => {
  try {
    const inputs = { image: request.body.images };
    const { outputs } = await server.predict({ model: 'digits', inputs, outputFilter: ['probabilities'] });
    const { data, shape } = outputs.probabilities; // a Float32Array of all rows
    const rows = Array.from({ length: shape[0] }, (_, i) =>
      Array.from(data.subarray(i * shape[1], (i + 1) * shape[1])),
    );
    response.json({ probabilities: rows });
  } catch (error) {
    const { status, message } = ServingError.from(error);
    response.status(status).json({ error: message }); // 400 for images of a wrong shape
  }
});

const listener = app.listen(process.env.PORT ?? 8501);
listener.once('listening', () => console.log(`listening on ${listener.address().port}`));
process.once('SIGTERM', () => drain(listener, server));
