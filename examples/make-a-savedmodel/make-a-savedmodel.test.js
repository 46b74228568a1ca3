import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ModelServer } from '@serving/core';
import { savedModelPlatform } from '@serving/savedmodel';
import { afterAll, describe, expect, onTestFinished } from 'vitest';
import { beside } from '../test-support/example-process.js';
import { itWithPython, runPython } from '../test-support/python.js';
import { itStandsWordForWord } from '../test-support/snippets.js';

const path = beside(import.meta.url);
const folder = mkdtempSync(join(tmpdir(), 'make-a-savedmodel-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** A server of the model that a script writes. */
async function servedFrom(script, args = []) {
  const basePath = join(folder, script.replace('.py', ''));
  await runPython(path(script), [basePath, ...args]);
  const server = await ModelServer.start({
    models: [{ name: 'm', basePath }],
    platforms: { tensorflow: savedModelPlatform() },
    startPolicy: 'all',
  });
  onTestFinished(() => server.close());
  return server;
}

const valuesOf = (tensor) => Array.from(tensor.data, Number);

describe('docs/guides/make-a-savedmodel.md', () => {
  itWithPython(['keras', 'tensorflow'], 'a Keras model takes its inputs by name', async () => {
    const server = await servedFrom('keras_export.py');
    const { outputs } = await server.predict({ model: 'm', inputs: { age: [[40], [50]], income: [[1], [2]] } });
    expect(outputs.score.shape).toEqual([2, 1]);
  });

  itWithPython(['tensorflow'], 'functions are signatures, and an input with a default may be left out', async () => {
    const server = await servedFrom('module_save.py');
    const features = [
      [2, 3],
      [4, 5],
    ];
    const byDefault = await server.predict({ model: 'm', inputs: { features } });
    expect(valuesOf(byDefault.outputs.price)).toEqual([7, 12]);
    const doubled = await server.predict({ model: 'm', inputs: { features, factor: 2 } });
    expect(valuesOf(doubled.outputs.price)).toEqual([14, 24]);
    const { outputs } = await server.predict({
      model: 'm',
      signatureName: 'basket_totals',
      inputs: { values: [1n, 2n, 3n], row_splits: [0n, 1n, 3n] },
    });
    expect(valuesOf(outputs.total)).toEqual([1, 5]);
  });

  itWithPython(['tensorflow'], 'a graph of TensorFlow 1 is served', async () => {
    const server = await servedFrom('tf1_builder.py');
    const { outputs } = await server.predict({ model: 'm', inputs: { x: [1, 2, 5] } });
    expect(valuesOf(outputs.y)).toEqual([2.5, 3, 4.5]);
  });

  itWithPython(['tensorflow'], 'a frozen graph is served', async () => {
    const frozen = join(folder, 'frozen.pb');
    await runPython(path('half_plus_two_frozen.py'), [frozen]);
    const server = await servedFrom('frozen_graph.py', [frozen, 'x:0', 'y:0']);
    const { outputs } = await server.predict({ model: 'm', inputs: { x: [1, 2, 5] } });
    expect(valuesOf(outputs.y)).toEqual([2.5, 3, 4.5]);
  });

  itWithPython(['keras', 'tensorflow'], 'Keras names inputs as the page says', async () => {
    const printed = await runPython(path('keras_names.py'), [join(folder, 'names')]);
    const names = Object.fromEntries(Array.from(printed.matchAll(/^(\w+): (.+)$/gm), ([, name, rest]) => [name, rest]));
    expect(names).toMatchObject({
      export_named: 'age income',
      export_reversed: 'age income',
      save_named: 'inputs inputs_1',
      save_reversed: 'inputs inputs_1',
    });
    expect(names.export_unnamed).toMatch(/^keras_tensor_\d+$/);
    expect(names.export_rebuilt).not.toBe(names.export_unnamed);
  });

  itStandsWordForWord(
    import.meta.url,
    ['keras_export.py', 'module_save.py', 'tf1_builder.py', 'frozen_graph.py'],
    'docs/guides/make-a-savedmodel.md',
  );
});
