/** The fixtures on ONNX Runtime, against TensorFlow's own answers. */
import { ServingError } from '@serving/core';
import type { NamedTensors } from '@serving/core/tensor';
import { onnxRuntime } from '@serving/runtime-onnx';
import { describe, expect, it } from 'vitest';
import { differences, fixturePath, referenceCases } from '../../test-doubles/src/saved-model-fixtures.js';
import { SavedModelLoader } from './saved-model-loader.js';

const runtime = onnxRuntime({ runMode: 'inline' });

async function load(name: string, version: number): Promise<SavedModelLoader> {
  const tags = name === 'gpu_tag' ? ['serve', 'gpu'] : ['serve'];
  const loader = new SavedModelLoader(fixturePath(name, version), { runtime: async () => runtime, tags });
  await loader.load({ id: { name, version }, signal: new AbortController().signal });
  return loader;
}

/** Models and signatures that may be refused; any other must be answered. */
const mayBeRefused: ReadonlySet<string> = new Set([
  'digit_pictures 1',
  'linear_algebra 1 triangular_solve',
  'lookup_insert 1',
  'shapes 1 cell',
  'shapes 1 serving_default',
  // Requests with a tensor without elements.
  'slow 1 serving_default',
  'unknown_rank 1 serving_default',
]);

/** The promise's value, or what it was refused for, if that may be. */
async function answerOf<T>(what: string, answer: () => Promise<T> | T): Promise<T | undefined> {
  try {
    return await answer();
  } catch (error) {
    const { code } = ServingError.from(error);
    if (code === 'UNIMPLEMENTED' && mayBeRefused.has(what)) return undefined;
    throw error;
  }
}

describe('SavedModelServable on ONNX Runtime', () => {
  // State is TensorFlow's alone. Serving takes defaults from the signature only, never from the graph.
  const cases = referenceCases().filter(
    ({ model, usesDefaults, stateful }) => !stateful && (model !== 'placeholder_default' || !usesDefaults),
  );
  const models = new Map(cases.map(({ model, version }) => [`${model} ${version}`, { model, version }]));

  it.each([...models.values()])('answers like TensorFlow, or refuses: $model $version', async ({ model, version }) => {
    const loader = await answerOf(`${model} ${version}`, () => load(model, version));
    if (loader === undefined) return;
    const servable = loader.getServable();
    const wrong: string[] = [];
    for (const [i, request] of cases.filter((one) => one.model === model && one.version === version).entries()) {
      const signature = servable.signatures.get(request.signature)!;
      const inputs: NamedTensors = Object.create(null);
      for (const [alias, value] of signature.defaults) inputs[alias] = value;
      for (const alias of Object.keys(request.inputs)) inputs[alias] = request.inputs[alias]!;
      const what = `${model} ${version} ${request.signature}`;
      const outputs = await answerOf(what, () => servable.run(signature, inputs));
      if (outputs === undefined) continue;
      wrong.push(...differences(outputs, request.outputs).map((line) => `case ${i}, ${request.signature}: ${line}`));
    }
    expect(wrong).toEqual([]);
    await loader.unload();
  });
});
