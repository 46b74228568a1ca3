import { describe, expect, it } from 'vitest';
import { FakeRuntime } from './fake-runtime.test-support.js';
import { checkSavedModelOptions } from './saved-model-options.js';

const check = (options: object): void => checkSavedModelOptions(options, 'm');

describe('checkSavedModelOptions', () => {
  it('accepts every option', () => {
    expect(() => check({})).not.toThrow();
    expect(() =>
      check({
        engine: 'tensorflow',
        tags: ['serve'],
        intraOpThreads: 2,
        interOpThreads: 0,
        configProto: new Uint8Array(2),
        enableSignatureMethodNameCheck: false,
        padEmptyRequests: 'where-needed',
        warmup: { numRequestIterations: 2 },
      }),
    ).not.toThrow();
    expect(() => check({ engine: new FakeRuntime(), warmup: false, tags: undefined })).not.toThrow();
  });

  it.each([
    [{ runtime: 'tensorflow' }, 'Unknown option "runtime" of m: did you mean "engine"?'],
    [{ intraOpThread: 1 }, 'Unknown option "intraOpThread" of m: did you mean "intraOpThreads"?'],
    [
      { warmup: { iterations: 1 } },
      'Unknown option "iterations" of "warmup" of m: did you mean "numRequestIterations"?',
    ],
    [
      { engine: 'tenserflow' },
      'Option "engine" of m must be "auto", "tensorflow", "onnx", "tfjs-node" or an engine, got "tenserflow"',
    ],
    [{ engine: {} }, 'got an object'],
    [{ intraOpThreads: '2' }, 'Option "intraOpThreads" of m must be an integer of at least 0, got "2"'],
    [{ tags: 'serve' }, 'must be a list of strings, got "serve"'],
    [{ warmup: true }, 'must be an object or false, got true'],
    [{ padEmptyRequests: null }, 'must be "always" or "where-needed", got null'],
  ])('refuses %j', (options, message) => {
    expect(() => check(options)).toThrow(
      expect.objectContaining({ code: 'INVALID_ARGUMENT', message: expect.stringContaining(message) }),
    );
  });
});
