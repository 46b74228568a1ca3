import { beforeEach, describe, expect, it } from 'vitest';
import { ModelServer } from './model-server.js';
import { model, ServerHarness } from './model-server.test-support.js';

let harness: ServerHarness;
let server: ModelServer;

beforeEach(async () => {
  harness = new ServerHarness();
  harness.storage.add('half', 1, 2).add('digits', 7);
  server = await harness.start({ models: [model('half', { versionLabels: { stable: 2 } }), model('digits')] });
});

const inputs = { x: [1] };

describe('an error of ModelServer', () => {
  it.each<[string, () => unknown, string]>([
    ['an unknown model', () => server.predict({ model: 'hlf', inputs }), 'Did you mean "half"? Models: half, digits'],
    [
      'a version that is not there',
      () => server.predict({ model: 'half', version: 3, inputs }),
      'Versions available: 2',
    ],
    [
      'an unknown label',
      () => server.predict({ model: 'half', label: 'stabel', inputs }),
      'Did you mean "stable"? Labels: stable',
    ],
    [
      'a label of a model without any',
      () => server.predict({ model: 'digits', label: 'stable', inputs }),
      'The model has no labels: list them in its versionLabels',
    ],
    [
      'a label of an unknown model',
      () => server.predict({ model: 'digit', label: 'stable', inputs }),
      'Did you mean "digits"? Models: half, digits',
    ],
    ['an unknown input', () => server.predict({ model: 'half', inputs: { xs: [1] } }), 'Did you mean "x"? Inputs: x'],
    ['a missing input', () => server.predict({ model: 'half', inputs: {} }), 'Inputs: x'],
    [
      'an unknown output',
      () => server.predict({ model: 'half', inputs, outputFilter: ['versoin'] }),
      'Did you mean "version"? Outputs: y, version',
    ],
    [
      'no name of a model',
      () => server.getModelMetadata({ name: 'half' } as never),
      'Name the model, such as { model: "digits" }',
    ],
    ['no request', () => server.getServableHandle(undefined as never), 'Name the model, such as { model: "digits" }'],
    [
      'the status of an unknown model',
      () => server.getModelStatus({ model: 'digit' }),
      'Did you mean "digits"? Models: half, digits',
    ],
    [
      'the status of an unknown version',
      () => server.getModelStatus({ model: 'digits', version: 8 }),
      'Versions known: 7',
    ],
    ['the removal of an unknown model', () => server.removeModel('hal'), 'Did you mean "half"? Models: half, digits'],
    [
      'an unknown event',
      () => server.on('servable:availabel' as never, () => undefined),
      expect.stringMatching(/^Did you mean "servable:available"\? Events: servable:start, /),
    ],
  ])('hints at the fix for %s', async (_, call, hint) => {
    const failed = (async () => call())();
    await expect(failed).rejects.toMatchObject({ name: 'ServingError', hint });
  });

  it('hints at why a model has no version, from the start that insists on one', async () => {
    harness.storage.add('named', 1).remove('named', 1);
    const failed = harness.start({ models: [model('named')], startPolicy: 'all' });
    await expect(failed).rejects.toMatchObject({
      code: 'UNKNOWN',
      hint: 'Each version is a folder named by its number, such as named/1',
    });
  });

  it.each<[string, (more: object) => Promise<unknown>, object, string]>([
    [
      'predict',
      (more) => Reflect.apply(server.predict, server, [{ model: 'half', inputs }, more]),
      { timeout: 5 },
      'Predict takes one argument, got a second: put "timeoutMs" into the request',
    ],
    [
      'classify',
      (more) => Reflect.apply(server.classify, server, [{ model: 'half', examples: [] }, more]),
      { signal: undefined },
      'Classify takes one argument, got a second: put "signal" into the request',
    ],
  ])('names the place of options that are passed to %s beside the request', async (_, call, more, message) => {
    await expect(call(more)).rejects.toMatchObject({ code: 'INVALID_ARGUMENT', message });
  });

  it.each<[string, () => Promise<unknown>, string]>([
    ['nothing', () => server.predict(undefined as never), 'Predict: request missing: must be an object such as'],
    ['a name', () => server.predict('half' as never), `(got "half")`],
    ['nothing to classify', () => server.classify(undefined as never), 'Classify and Regress: request missing'],
  ])('says what a request is, for %s', async (_, call, message) => {
    await expect(call()).rejects.toMatchObject({ code: 'INVALID_ARGUMENT', message: expect.stringContaining(message) });
  });

  it('names ModelServer.start for a constructor that is called', () => {
    const create = ModelServer as unknown as new (options: object) => ModelServer;
    expect(() => new create({})).toThrow('Use await ModelServer.start(…) in place of new ModelServer(…)');
  });
});
