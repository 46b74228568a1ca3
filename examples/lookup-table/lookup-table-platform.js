/** A platform of one's own: words → their line numbers, from a `words.txt` in each version's folder. */
import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { DEFAULT_SIGNATURE_NAME, PREDICT_METHOD_NAME, platformFromLoader, simpleLoader } from '@serving/core/extend';
import { createTensor } from '@serving/core/tensor';

const signature = {
  name: DEFAULT_SIGNATURE_NAME,
  methodName: PREDICT_METHOD_NAME,
  inputs: new Map([['words', { name: 'words', dtype: 'string', shape: [-1] }]]),
  outputs: new Map([['ids', { name: 'ids', dtype: 'int64', shape: [-1] }]]),
  defaults: new Map(),
};

/** An `InferenceServable`: predict in process, REST, status and metadata come with it. */
class LookupTable {
  signatures = new Map([[signature.name, signature]]);
  #ids;

  constructor(text) {
    const words = text.split('\n').filter((line) => line !== '');
    this.#ids = new Map(words.map((word, i) => [word, BigInt(i)]));
  }

  /** Inputs come complete, with the data types of the signature. Slower work returns a promise of its outputs. */
  run(_signature, { words }) {
    const ids = words.data.toStrings().map((word) => this.#ids.get(word) ?? -1n);
    return { ids: createTensor('int64', words.shape, BigInt64Array.from(ids)) };
  }
}

export const lookupTablePlatform = platformFromLoader((versionFolder) => {
  const file = join(versionFolder, 'words.txt');
  return simpleLoader({
    estimateResources: async () => ({ ramBytes: 10 * (await stat(file)).size }),
    load: async () => new LookupTable(await readFile(file, 'utf8')),
  });
});
