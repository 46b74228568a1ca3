/** Loads a model when it is first requested, and evicts the least recently used one: `node on-demand.js FOLDER`. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { simpleLoader, systemClock } from '@serving/core/extend';
import { CachingManager, pathPrefixLoaderFactory } from '@serving/core/lifecycle';

/** One folder per customer, FOLDER/NAME/greeting.txt. A SavedModel's loader stands here in the same way. */
const loaderOf = (folder) =>
  simpleLoader({
    estimateResources: () => ({ ramBytes: 1000 }),
    load: async () => {
      const greeting = (await readFile(join(folder, 'greeting.txt'), 'utf8')).trim();
      return (name) => `${greeting} ${name}`;
    },
  });

const manager = new CachingManager({
  loaderFactory: pathPrefixLoaderFactory(process.argv[2], loaderOf),
  resourceLimits: { ramBytes: 2000 }, // room for two
  clock: systemClock,
  numLoadThreads: 2,
  numUnloadThreads: 1,
  maxNumLoadRetries: 0,
  loadRetryIntervalMs: 0,
});

const greet = async (customer) => {
  const handle =
    manager.getServableHandleIfLoaded({ name: customer }) ?? (await manager.getServableHandle({ name: customer }));
  try {
    return handle.servable('Ada');
  } finally {
    handle.release();
  }
};
const loaded = () =>
  manager
    .listAvailableServableIds()
    .map(({ name }) => name)
    .join(' ');

console.log(await greet('acme')); // Hello Ada
console.log(await greet('globex')); // Hi Ada
console.log(loaded()); // acme globex

console.log(await greet('initech')); // Bonjour Ada
console.log(loaded()); // globex initech

await manager.close();
