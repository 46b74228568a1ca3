/** A servable that isn't for inference: a function, made from `greeting.txt` in the version's folder. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { platformFromLoader, simpleLoader } from '@serving/core/extend';

export const greetingPlatform = platformFromLoader((versionFolder, id) =>
  simpleLoader({
    load: async () => {
      const greeting = (await readFile(join(versionFolder, 'greeting.txt'), 'utf8')).trim();
      return (name) => `${greeting} ${name} (version ${id.version})`;
    },
  }),
);

/** For `server.getServableHandle`, which hands out servables that aren't for inference to those who recognise them. */
export const isGreeting = (servable) => typeof servable === 'function';
