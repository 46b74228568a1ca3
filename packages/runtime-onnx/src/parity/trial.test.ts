import fc from 'fast-check';
import { expect, it } from 'vitest';
import { compareCases } from './both-engines.test-support.js';
import { anyCase } from './random-cases.test-support.js';

/** `PARITY_CASES=100000 npx vitest run packages/runtime-onnx/src/parity/trial.test.ts` tries more of them. */
const count = Number(process.env.PARITY_CASES ?? 192);
const seed = Number(process.env.PARITY_SEED ?? 20_260_101);

it('ONNX Runtime answers random operations as TensorFlow does', { timeout: 120_000 + 100 * count }, async () => {
  const results = await compareCases(fc.sample(anyCase, { seed, numRuns: count }));
  const different = results.filter(({ difference }) => difference !== undefined);
  expect(different.map(({ case: { name }, difference }) => `${name}: ${difference}`)).toEqual([]);
});
