import { describe, expect, it } from 'vitest';
import type { ExampleRequest } from '../messages/example-request.js';
import type { PredictRequest } from '../messages/predict.js';
import { checkExampleKeys, checkPredictKeys } from './in-process.js';

describe('checkPredictKeys', () => {
  it('accepts every key of a request', () => {
    const signal = new AbortController().signal;
    const request = { model: 'm', version: 1, label: 'l', signatureName: 's', inputs: {}, outputFilter: [], signal };
    expect(() => checkPredictKeys({ ...request, timeoutMs: 1 })).not.toThrow();
  });

  it.each([
    ['signature', 'Predict: unknown key "signature": did you mean "signatureName"? Keys: '],
    ['verison', 'Predict: unknown key "verison": did you mean "version"? Keys: '],
  ])('refuses %s', (key, message) => {
    const request: PredictRequest = { model: 'm', inputs: {}, [key]: 'x' };
    expect(() => checkPredictKeys(request)).toThrow(
      expect.objectContaining({ code: 'INVALID_ARGUMENT', message: expect.stringContaining(message) }),
    );
  });
});

describe('checkExampleKeys', () => {
  it('refuses inputs', () => {
    const request = { model: 'm', examples: [], inputs: {} } as ExampleRequest;
    const message =
      'Classify and Regress: unknown key "inputs": ' +
      'Keys: model, version, label, signatureName, signal, timeoutMs, examples, context';
    expect(() => checkExampleKeys(request)).toThrow(message);
  });
});
