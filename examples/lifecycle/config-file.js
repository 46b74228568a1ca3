/** A list of models in a JSON file that is read again every ten seconds. */
import { readFile } from 'node:fs/promises';

/** For `ModelServer.start({ configSource: jsonFile('models.json'), … })`. */
export const jsonFile = (path, pollIntervalMs = 10_000) => ({
  read: async () => ({ models: JSON.parse(await readFile(path, 'utf8')) }),
  pollIntervalMs,
});
