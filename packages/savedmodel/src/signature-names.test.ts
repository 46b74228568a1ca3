import type { SignatureDef } from '@serving/core/extend';
import { afterEach, beforeEach, expect, it, type MockInstance, vi } from 'vitest';
import { SignatureNames } from './signature-names.js';

let emitWarning: MockInstance<typeof process.emitWarning>;
beforeEach(() => {
  emitWarning = vi.spyOn(process, 'emitWarning').mockImplementation(() => undefined);
});
afterEach(() => emitWarning.mockRestore());

function signatures(inputs: readonly string[], outputs: readonly string[] = ['y'], name = 'serving_default') {
  const tensors = (names: readonly string[]) => new Map(names.map((each) => [each, {}]));
  return new Map([[name, { inputs: tensors(inputs), outputs: tensors(outputs) } as unknown as SignatureDef]]);
}

const warnings = (): string[] => emitWarning.mock.calls.map(([text]) => String(text));

it('warns of inputs that have other names than in the version before', () => {
  const names = new SignatureNames();
  names.record({ name: 'm', version: 1 }, signatures(['keras_tensor']));
  names.record({ name: 'm', version: 2 }, signatures(['keras_tensor_7']));
  expect(warnings()).toEqual([
    'The inputs of signature "serving_default" of model "m" are "keras_tensor_7" in version 2, and "keras_tensor" in version 1: ' +
      'requests that name them fail. Name them in the model, such as keras.Input(shape, name="x")',
  ]);
  expect(emitWarning.mock.calls[0]![1]).toMatchObject({ code: 'SERVING_SIGNATURE_NAMES' });
});

it('warns of outputs that are gone', () => {
  const names = new SignatureNames();
  names.record({ name: 'm', version: 1 }, signatures(['x'], ['y', 'z']));
  names.record({ name: 'm', version: 2 }, signatures(['x'], ['y']));
  expect(warnings()).toEqual([
    expect.stringMatching(/^The outputs .* are "y" in version 2, and "y", "z" in version 1/),
  ]);
});

it.each([
  ['the same names in another order', 'm', 2, signatures(['b', 'a'])],
  ['a signature that is new', 'm', 2, signatures(['c'], ['y'], 'other')],
  ['another model', 'n', 2, signatures(['c'])],
  ['a version that is loaded again', 'm', 1, signatures(['c'])],
])('says nothing of %s', (_, name, version, defs) => {
  const names = new SignatureNames();
  names.record({ name: 'm', version: 1 }, signatures(['a', 'b']));
  names.record({ name, version }, defs);
  expect(warnings()).toEqual([]);
});
