import type { Signature, SignatureDef } from '@serving/core';
import { describe, expect, it } from 'vitest';
import { checkClassifySignature, checkPredictMethodName, checkRegressSignature } from './signature-checks.js';

/** A signature with these aliases. */
const def = (inputs: string[], outputs: string[], methodName = ''): SignatureDef => ({
  inputs: new Map(inputs.map((alias) => [alias, { name: `${alias}:0`, dtype: 7 }])),
  outputs: new Map(outputs.map((alias) => [alias, { name: `${alias}:0`, dtype: 1 }])),
  methodName,
  defaults: new Map(),
});

/** The text format that an error text quotes. */
const debugText = (inputs: string[], outputs: string[]): string =>
  [
    'goo.gle/debugonly\n',
    ...inputs.map(
      (alias) => `inputs {\n  key: "${alias}"\n  value {\n    name: "${alias}:0"\n    dtype: DT_STRING\n  }\n}\n`,
    ),
    ...outputs.map(
      (alias) => `outputs {\n  key: "${alias}"\n  value {\n    name: "${alias}:0"\n    dtype: DT_FLOAT\n  }\n}\n`,
    ),
  ].join('');

describe('checkPredictMethodName', () => {
  const signature = (methodName: string): Signature => ({
    name: 's',
    methodName,
    inputs: new Map(),
    outputs: new Map(),
    defaults: new Map(),
  });

  it.each(['predict', 'classify', 'regress'])('takes %s', (method) => {
    expect(() => checkPredictMethodName(signature(`tensorflow/serving/${method}`))).not.toThrow();
  });

  it.each(['', 'predict', 'tensorflow/supervised/training'])('refuses %j', (method) => {
    expect(() => checkPredictMethodName(signature(method))).toThrow(
      expect.objectContaining({
        code: 'INTERNAL',
        message:
          'Expected prediction signature method_name to be one of {tensorflow/serving/predict, ' +
          `tensorflow/serving/classify, tensorflow/serving/regress}. Was: ${method}`,
      }),
    );
  });
});

describe('checkClassifySignature', () => {
  it.each([[['classes']], [['scores']], [['classes', 'scores']], [['scores', 'other']]])(
    'takes outputs %j',
    (outputs) => {
      expect(() => checkClassifySignature(def(['inputs'], outputs), false)).not.toThrow();
    },
  );

  it.each<[SignatureDef, boolean, string]>([
    [
      def(['inputs'], ['scores'], 'm'),
      true,
      'Expected classification signature method_name to be tensorflow/serving/classify. Was: m',
    ],
    [def([], ['scores']), false, 'Expected one input Tensor.'],
    [def(['inputs', 'more'], ['scores']), false, 'Expected one input Tensor.'],
    [def(['inputs'], []), false, 'Expected one or two output Tensors, found 0'],
    [def(['inputs'], ['classes', 'scores', 'c']), false, 'Expected one or two output Tensors, found 3'],
    [def(['x'], ['scores']), false, `No classification inputs found in SignatureDef: ${debugText(['x'], ['scores'])}`],
    [
      def(['inputs'], ['b', 'a']),
      false,
      'Expected classification signature outputs to contain at least one of "classes" or "scores". ' +
        `Signature was: ${debugText(['inputs'], ['a', 'b'])}`,
    ],
  ])('refuses case %#', (signature, checkMethodName, message) => {
    expect(() => checkClassifySignature(signature, checkMethodName)).toThrow(
      expect.objectContaining({ code: 'INVALID_ARGUMENT', message }),
    );
  });

  it('looks at the method name only when told to', () => {
    expect(() =>
      checkClassifySignature(def(['inputs'], ['scores'], 'tensorflow/serving/classify'), true),
    ).not.toThrow();
    expect(() => checkClassifySignature(def(['inputs'], ['scores'], 'm'), false)).not.toThrow();
  });
});

describe('checkRegressSignature', () => {
  it('takes one input `inputs` and one output `outputs`', () => {
    expect(() => checkRegressSignature(def(['inputs'], ['outputs']), false)).not.toThrow();
    expect(() => checkRegressSignature(def(['inputs'], ['outputs'], 'tensorflow/serving/regress'), true)).not.toThrow();
  });

  it.each<[SignatureDef, boolean, string]>([
    [
      def(['inputs'], ['outputs'], 'm'),
      true,
      'Expected regression signature method_name to be tensorflow/serving/regress. Was: m',
    ],
    [def([], ['outputs']), false, 'Expected one input Tensor.'],
    [def(['inputs'], ['outputs', 'more']), false, 'Expected one output Tensor.'],
    [def(['x'], ['outputs']), false, `No regression inputs found in SignatureDef: ${debugText(['x'], ['outputs'])}`],
    [def(['inputs'], ['y']), false, `No regression outputs found in SignatureDef: ${debugText(['inputs'], ['y'])}`],
  ])('refuses case %#', (signature, checkMethodName, message) => {
    expect(() => checkRegressSignature(signature, checkMethodName)).toThrow(
      expect.objectContaining({ code: 'INVALID_ARGUMENT', message }),
    );
  });
});
