import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { foldConstants } from '../fold/fold-constants.js';
import { openModel } from '../import/open-model.js';
import { rewrite } from './rewrite.js';

const fixtures = fileURLToPath(new URL('../../fixtures', import.meta.url));

it.each([
  ['cnn', ['chains', 'dilation']],
  ['mlp', ['activations', 'normalization']],
  ['transformer', ['activations', 'normalization', 'products']],
  ['partitioned_v1', ['chains']],
])('the model %s has patterns of the kinds %j', async (name, kinds) => {
  const model = await openModel(join(fixtures, name, '1'), ['serve']);
  const { graph } = model.importSignature('serving_default');
  foldConstants(graph!);
  const found = Object.entries(rewrite(graph!)).filter(([, count]) => count > 0);
  expect(found.map(([kind]) => kind).sort()).toEqual(kinds);
});
