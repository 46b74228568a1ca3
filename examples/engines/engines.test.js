import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { expect, it } from 'vitest';
import { beside, fixture, runExample } from '../test-support/example-process.js';

const path = beside(import.meta.url);

/** tfjs-node 4.22 doesn't load on Node 23 and newer, and without the addon that `npx -y pnpm@12 test` sets up. */
const tfjsFolder = dirname(createRequire(import.meta.url).resolve('@tensorflow/tfjs-node/package.json'));
const hasTfjs = existsSync(join(tfjsFolder, 'lib')) && Number(process.versions.node.split('.')[0]) < 23;

if (!hasTfjs) process.stdout.write('SKIPPED: a model on tfjs-node, whose addon is missing\n');
const engines = ['onnx', 'tensorflow', ...(hasTfjs ? ['tfjs-node'] : [])];

it.each(engines)('a model answers on %s', async (engine) => {
  const printed = await runExample(path('engines.js'), [fixture('half_plus_two_tf2'), engine]);
  expect(printed).toContain('Float32Array(3) [ 2.5, 3, 4.5 ]');
});

it('a SavedModel is inspected', async () => {
  const printed = await runExample(path('inspect-model.js'), [fixture('half_plus_two_tf2/123')]);
  const [tags, programs, refused] = printed.trim().split('\n');
  expect(tags).toMatch(/^\[ 'serve' \] \[.*'serving_default'.*\]$/);
  expect(programs).toContain("'serving_default'");
  expect(refused).toBe('[]');
});
