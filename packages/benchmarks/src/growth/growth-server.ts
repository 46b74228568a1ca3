/** The process whose cost is measured as it grows: `growth-server.js '{"models": 10, "threads": 2}'`, each model under a name of its own. */
import { ModelServer } from '@serving/core';
import { RestServer } from '@serving/http';
import { savedModelPlatform } from '@serving/savedmodel';
import { fixtureBasePath } from '../fixtures.js';
import type { GrowingServer } from './measure-growth.js';

const { models, threads } = JSON.parse(process.argv[2]!) as GrowingServer;
const server = await ModelServer.start({
  models: [
    ...Array.from({ length: models }, (_, i) => ({ name: `m${i}`, basePath: fixtureBasePath('half_plus_two') })),
    { name: 'image', basePath: fixtureBasePath('image') },
  ],
  platforms: { tensorflow: savedModelPlatform() },
});
const rest = await RestServer.listen(server, { port: 0, threads });
process.send?.({ port: rest.port });
process.on('message', () => {
  const { rss: residentBytes, heapUsed: heapBytes } = process.memoryUsage();
  process.send?.({ cpu: process.cpuUsage(), residentBytes, heapBytes });
});
process.on('disconnect', () => process.exit());
