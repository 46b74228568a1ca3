import type { Signature } from '@serving/core/extend';
import { describe, expect, it } from 'vitest';
import { checkPredictMethodName } from './signature-checks.js';

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
