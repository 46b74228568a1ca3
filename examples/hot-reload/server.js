/** The list of models is a file, and may be changed by the file and over HTTP: `node server.js models.json`. */
import { readFile } from 'node:fs/promises';
import { ModelServer, ServingError } from '@serving/core';
import { drain, servingRouter } from '@serving/express';
import { savedModelPlatform } from '@serving/savedmodel';
import express from 'express';

const file = process.argv[2] ?? './models.json';
const server = await ModelServer.start({
  configSource: {
    read: async () => ({ models: JSON.parse(await readFile(file, 'utf8')) }),
    pollIntervalMs: 500, // between polls of the file
  },
  pollIntervalMs: 500, // between looks for new versions in the models' folders
  platforms: { tensorflow: savedModelPlatform() },
  on: {
    'servable:available': ({ id }) => console.log(`${id.name} ${id.version} answers`),
    'servable:end': ({ id }) => console.log(`${id.name} ${id.version} is gone`),
    error: ({ message }) => console.log(message), // such as a file that can't be parsed: the running list stays
  },
});

const app = express();
app.use(servingRouter(server));

const admin = express.Router(); // needs access control: docs/guides/security.md
admin.use(express.json());
admin.put('/models', async ({ body }, response) => {
  await server.reload({ models: body });
  response.json(server.modelNames);
});
admin.put('/models/:name', async ({ params, body }, response) => {
  await server.addModel({ ...body, name: params.name }); // resolves when the model can be asked
  response.json(server.modelNames);
});
admin.delete('/models/:name', async ({ params }, response) => {
  await server.removeModel(params.name); // resolves when its last request has been answered and it is unloaded
  response.json(server.modelNames);
});
app.use('/admin', admin);

app.use((error, _request, response, _next) => {
  const { status, message } = ServingError.from(error);
  response.status(error.status ?? status).json({ error: message });
});

const listener = app.listen(process.env.PORT ?? 8501);
listener.once('listening', () => console.log(`listening on ${listener.address().port}`));
process.once('SIGTERM', () => drain(listener, server));
