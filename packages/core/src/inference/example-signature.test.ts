import { describe, expect, it } from 'vitest';
import type { ExampleSupport } from '../servable/example-support.js';
import type { InferenceServable } from '../servable/inference-servable.js';
import { signature } from '../server/fake-platform.test-support.js';
import type { DataType } from '../tensor/data-type.js';
import { classifySignature, regressSignature } from './example-signature.js';

/** A servable whose signature `serving_default` has these aliases. */
function servable(
  inputs: readonly string[],
  outputs: readonly string[],
  examples: Partial<ExampleSupport> & { methodName?: string } = {},
): InferenceServable {
  const types = (aliases: readonly string[]): Record<string, DataType> =>
    Object.fromEntries(aliases.map((alias) => [alias, 'float']));
  const { methodName = 'm', ...support } = examples;
  return {
    signatures: new Map([
      ['serving_default', { ...signature('serving_default', types(inputs), types(outputs)), methodName }],
    ]),
    run: () => Promise.reject(new Error('not run')),
    examples: { encode: () => expect.unreachable(), ...support },
  };
}

const printed: Partial<ExampleSupport> = { format: ({ name }) => `print of ${name}` };

describe('classifySignature', () => {
  it.each([[['classes']], [['scores']], [['classes', 'scores']], [['scores', 'other']]])(
    'takes outputs %j',
    (outputs) => {
      const model = servable(['inputs'], outputs);
      expect(classifySignature(model, undefined)).toBe(model.signatures.get('serving_default'));
      expect(classifySignature(model, '')).toBe(model.signatures.get('serving_default'));
    },
  );

  it.each<[InferenceServable, string]>([
    [servable([], ['scores']), 'Expected one input Tensor.'],
    [servable(['inputs', 'more'], ['scores']), 'Expected one input Tensor.'],
    [servable(['inputs'], []), 'Expected one or two output Tensors, found 0'],
    [servable(['inputs'], ['classes', 'scores', 'c']), 'Expected one or two output Tensors, found 3'],
    [servable(['x'], ['scores'], printed), 'No classification inputs found in SignatureDef: print of serving_default'],
    [
      servable(['x'], ['scores']),
      'No classification inputs found in SignatureDef: "serving_default" with inputs {x} and outputs {scores}',
    ],
    [
      servable(['inputs'], ['b', 'a'], printed),
      'Expected classification signature outputs to contain at least one of "classes" or "scores". ' +
        'Signature was: print of serving_default',
    ],
    [
      servable([], [], { checkMethodName: true }),
      'Expected classification signature method_name to be tensorflow/serving/classify. Was: m',
    ],
  ])('refuses case %#', (model, message) => {
    expect(() => classifySignature(model, undefined)).toThrow(
      expect.objectContaining({ code: 'INVALID_ARGUMENT', message }),
    );
  });

  it('takes a signature of its method when that is checked', () => {
    const examples = { checkMethodName: true, methodName: 'tensorflow/serving/classify' };
    expect(() => classifySignature(servable(['inputs'], ['scores'], examples), undefined)).not.toThrow();
  });

  it('refuses a signature that is not there', () => {
    expect(() => classifySignature(servable(['inputs'], ['scores']), 'other')).toThrow(
      expect.objectContaining({ code: 'INVALID_ARGUMENT', message: 'No signature was found with the name: other' }),
    );
  });
});

describe('regressSignature', () => {
  it('takes one input `inputs` and one output `outputs`', () => {
    const examples = { checkMethodName: true, methodName: 'tensorflow/serving/regress' };
    expect(() => regressSignature(servable(['inputs'], ['outputs']), undefined)).not.toThrow();
    expect(() => regressSignature(servable(['inputs'], ['outputs'], examples), undefined)).not.toThrow();
  });

  it.each<[InferenceServable, string]>([
    [servable([], ['outputs']), 'Expected one input Tensor.'],
    [servable(['inputs'], ['outputs', 'more']), 'Expected one output Tensor.'],
    [servable(['x'], ['outputs'], printed), 'No regression inputs found in SignatureDef: print of serving_default'],
    [servable(['inputs'], ['y'], printed), 'No regression outputs found in SignatureDef: print of serving_default'],
    [
      servable([], [], { checkMethodName: true }),
      'Expected regression signature method_name to be tensorflow/serving/regress. Was: m',
    ],
  ])('refuses case %#', (model, message) => {
    expect(() => regressSignature(model, undefined)).toThrow(
      expect.objectContaining({ code: 'INVALID_ARGUMENT', message }),
    );
  });
});
