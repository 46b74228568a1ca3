import { describe, expect, it } from 'vitest';
import { fakeCall } from '../../../test-doubles/src/fake-example-servable.js';
import { signature } from '../../../test-doubles/src/fake-platform.js';
import type { ExampleSupport } from '../servable/example-support.js';
import type { InferenceServable } from '../servable/inference-servable.js';
import type { DataType } from '../tensor/data-type.js';
import { checkClassifySignature, checkRegressSignature, type LookupErrors } from './signature-lookup.js';

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

const classifySignature = (model: InferenceServable): void =>
  checkClassifySignature(model, model.signatures.get('serving_default')!);
const regressSignature = (model: InferenceServable): void =>
  checkRegressSignature(model, model.signatures.get('serving_default')!);

const printed: Partial<ExampleSupport> = { format: ({ name }) => `print of ${name}` };

describe('InferenceCall.signature', () => {
  it.each([undefined, '', 'serving_default'])('finds the default by %j', (name) => {
    const model = servable(['inputs'], ['scores']);
    expect(fakeCall(model).signature(name, 'predict')).toBe(model.signatures.get('serving_default'));
  });

  it.each<[LookupErrors, string, string]>([
    ['predict', 'FAILED_PRECONDITION', 'Serving signature key "other" not found.'],
    ['rest-predict', 'INVALID_ARGUMENT', 'Serving signature name: "other" not found in signature def'],
    ['examples', 'INVALID_ARGUMENT', 'No signature was found with the name: other'],
    ['multi-inference', 'INVALID_ARGUMENT', 'Requested signature not found in model graph: other'],
  ])('misses one in the words of %s', (errors, code, message) => {
    expect(() => fakeCall(servable(['inputs'], ['scores'])).signature('other', errors)).toThrow(
      expect.objectContaining({ code, message, hint: 'Signatures: serving_default' }),
    );
  });

  it('hints at the name that was probably meant', () => {
    expect(() => fakeCall(servable(['inputs'], ['scores'])).signature('serving_defualt', 'predict')).toThrow(
      expect.objectContaining({ hint: 'Did you mean "serving_default"? Signatures: serving_default' }),
    );
  });
});

describe('checkClassifySignature', () => {
  it.each([[['classes']], [['scores']], [['classes', 'scores']], [['scores', 'other']]])(
    'takes outputs %j',
    (outputs) => {
      const model = servable(['inputs'], outputs);
      expect(() => classifySignature(model)).not.toThrow();
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
    expect(() => classifySignature(model)).toThrow(expect.objectContaining({ code: 'INVALID_ARGUMENT', message }));
  });

  it('takes a signature of its method when that is checked', () => {
    const examples = { checkMethodName: true, methodName: 'tensorflow/serving/classify' };
    expect(() => classifySignature(servable(['inputs'], ['scores'], examples))).not.toThrow();
  });
});

describe('the hint of a signature that takes no examples', () => {
  it.each<['Classify' | 'Regress', (model: InferenceServable) => void]>([
    ['Classify', classifySignature],
    ['Regress', regressSignature],
  ])('names Predict, for %s', (api, check) => {
    const hint =
      `${api} takes signatures with one input, named "inputs", of serialized tf.Example; ` +
      `this one has the inputs x, y: use Predict, or export a signature for ${api}`;
    expect(() => check(servable(['x', 'y'], ['z']))).toThrow(expect.objectContaining({ hint }));
  });
});

describe('checkRegressSignature', () => {
  it('takes one input `inputs` and one output `outputs`', () => {
    const examples = { checkMethodName: true, methodName: 'tensorflow/serving/regress' };
    expect(() => regressSignature(servable(['inputs'], ['outputs']))).not.toThrow();
    expect(() => regressSignature(servable(['inputs'], ['outputs'], examples))).not.toThrow();
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
    expect(() => regressSignature(model)).toThrow(expect.objectContaining({ code: 'INVALID_ARGUMENT', message }));
  });
});
