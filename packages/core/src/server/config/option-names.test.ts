import { describe, expect, it } from 'vitest';
import { checkModelServer, checkOptionNames, unknownName } from './option-names.js';

const known = ['engine', 'intraOpThreads', 'warmup'];

describe('checkOptionNames', () => {
  it('accepts known names', () => {
    expect(() => checkOptionNames({ engine: 1, warmup: undefined }, known, 'x')).not.toThrow();
  });

  it.each([null, undefined, 5])('refuses %s', (options) => {
    expect(() => checkOptionNames(options, known, 'x')).toThrow(`Options of x must be an object (got ${options})`);
  });

  it('refuses an unknown name, with the one that was probably meant', () => {
    expect(() => checkOptionNames({ engin: 1 }, known, 'models[0].options')).toThrow(
      expect.objectContaining({
        code: 'INVALID_ARGUMENT',
        message:
          'Unknown option "engin" of models[0].options: did you mean "engine"? Options: engine, intraOpThreads, warmup',
      }),
    );
    expect(() => checkOptionNames({ runtime: 1 }, known, 'x')).toThrow('did you mean "engine"?');
    expect(() => checkOptionNames({ runtime: 1 }, ['tags'], 'x')).toThrow(
      'Unknown option "runtime" of x: Options: tags',
    );
    expect(() => checkOptionNames({ colour: 1 }, known, 'x')).toThrow('Unknown option "colour" of x: Options: engine');
  });
});

describe('unknownName', () => {
  it('says what exists', () => {
    expect(unknownName('key', 'modle', ['model', 'inputs'])).toBe(
      'unknown key "modle": did you mean "model"? Keys: model, inputs',
    );
    expect(unknownName('option', 'fileSystemPollWaitSeconds', ['models', 'pollIntervalMs'])).toBe(
      'unknown option "fileSystemPollWaitSeconds": did you mean "pollIntervalMs"? Options: models, pollIntervalMs',
    );
  });
});

describe('checkModelServer', () => {
  it.each<[unknown, string]>([
    [undefined, 'The REST API needs a model server, as ModelServer.start resolves with, got undefined'],
    ['x', 'The REST API needs a model server, as ModelServer.start resolves with, got a value of type string'],
    [{}, 'The REST API needs a model server, as ModelServer.start resolves with, got a value of type object'],
    [
      { server: { getServableHandle: () => undefined } },
      'The REST API needs a model server, as ModelServer.start resolves with, got an object that has it: pass the model server itself',
    ],
    [
      { models: [] },
      'The REST API needs a model server, as ModelServer.start resolves with, got its options: await ModelServer.start(options) first',
    ],
    [
      class ModelServer {},
      'The REST API needs a model server, as ModelServer.start resolves with, got the class: await ModelServer.start(…) first',
    ],
    [
      () => undefined,
      'The REST API needs a model server, as ModelServer.start resolves with, got a function, perhaps an app: the model server comes first, then the options',
    ],
    [Promise.resolve(), 'The REST API needs a model server, got a promise: await ModelServer.start(…) first'],
  ])('refuses %o', (server, message) => {
    expect(() => checkModelServer(server, 'The REST API')).toThrow(
      expect.objectContaining({ code: 'INVALID_ARGUMENT', message }),
    );
  });

  it('accepts what has handles', () => {
    expect(() => checkModelServer({ getServableHandle: () => undefined }, 'The REST API')).not.toThrow();
  });
});
