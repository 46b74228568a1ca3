/** Models come, change and go while the server runs: `node change-models.js FOLDER`. */
import { join } from 'node:path';
import { ModelServer } from '@serving/core';
import { greetingPlatform, isGreeting } from './greeting-platform.js';

const folder = process.argv[2];
const model = (name, settings) => ({ name, basePath: join(folder, name), platform: 'greeting', ...settings });

const server = await ModelServer.start({
  models: [model('english')],
  platforms: { greeting: greetingPlatform },
  startPolicy: 'all', // start rejects, with the reason for each, unless every model has loaded
});
const greet = (spec) => {
  const handle = server.getServableHandle(spec, isGreeting);
  try {
    return handle.servable('Ada'); // the version stays loaded while the handle is held
  } finally {
    handle.release();
  }
};
console.log(greet({ model: 'english' })); // Hello Ada (version 2)

await server.addModel(model('french')); // resolves when it can be asked
console.log(greet({ model: 'french' })); // Bonjour Ada (version 1)

// The whole list, all or nothing. French is as it was and notices nothing; English keeps two versions.
const two = { versionPolicy: { latest: { numVersions: 2 } } };
await server.reload({ models: [model('french'), model('english', two)] });

// A label that is new to its model, or moves, needs a version that is available.
const labelled = { ...two, versionLabels: { stable: 1, canary: 2 } };
await server.reload({ models: [model('french'), model('english', labelled)] });
console.log(greet({ model: 'english', label: 'stable' })); // Hi Ada (version 1)

// A wrong list changes nothing. A model that can't be loaded stays listed, and is looked for again.
const failure = ({ code }) => console.log(code, server.modelNames.join(' '));
await server.reload({ models: [model('french'), model('french')] }).catch(failure); // INVALID_ARGUMENT french english
await server.addModel(model('klingon')).catch(failure); // UNKNOWN french english klingon
await server.removeModel('klingon'); // resolves when it is unloaded
await server.poll('english'); // looks for versions now, and resolves when they have loaded

await server.close({ timeoutMs: 10_000 }); // drains, then unloads; after ten seconds gives up what is left
console.log(server.state); // closed
