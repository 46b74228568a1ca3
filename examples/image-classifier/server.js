/** Pictures are uploaded as they are, and the model decodes them: `node server.js MODEL`. */
import { ModelServer, ServingError } from '@serving/core';
import { drain, servingRouter } from '@serving/express';
import { savedModelPlatform } from '@serving/savedmodel';
import express from 'express';

const server = await ModelServer.start({
  models: [{ name: 'digit_pictures', basePath: process.argv[2] ?? './models/digit_pictures' }],
  platforms: { tensorflow: savedModelPlatform() },
});
const ask = (picture, output) =>
  server.predict({ model: 'digit_pictures', inputs: { image_bytes: [picture] }, outputFilter: [output] });

const app = express();
app.use(servingRouter(server)); // TensorFlow Serving's way: {"instances": [{"image_bytes": {"b64": "…"}}]}

app.use(express.raw({ type: ['image/png', 'image/jpeg'], limit: '1mb' }));
app.post(['/classify', '/seen'], (request, response, next) => {
  if (request.body) next();
  else response.status(415).json({ error: 'Send a picture, as image/png or image/jpeg' });
});
app.post('/classify', async (request, response) => {
  const { outputs } = await ask(request.body, 'probabilities');
  const probability = Math.max(...outputs.probabilities.data);
  response.json({ digit: outputs.probabilities.data.indexOf(probability), probability });
});
app.post('/seen', async (request, response) => {
  const { outputs } = await ask(request.body, 'seen_bytes'); // a PNG of the 8×8 pixels that the model used
  response.type('png').send(Buffer.from(outputs.seen_bytes.data.at(0)));
});

app.use((error, _request, response, _next) => {
  const { status, message } = ServingError.from(error); // 400 for what TensorFlow can't decode
  response.status(error.status ?? status).json({ error: message.split('\n')[0] }); // 413 from express.raw
});

const listener = app.listen(process.env.PORT ?? 8501);
listener.once('listening', () => console.log(`listening on ${listener.address().port}`));
process.once('SIGTERM', () => drain(listener, server));
