import { beforeEach, describe, expect, it, type MockInstance, vi } from 'vitest';
import { model, ServerHarness } from '../server/model-server.test-support.js';
import { startModelLog } from './model-log.js';

let emitWarning: MockInstance<typeof process.emitWarning>;
beforeEach(() => {
  emitWarning = vi.spyOn(process, 'emitWarning').mockImplementation(() => undefined);
});

function makeHarness(): ServerHarness {
  const harness = new ServerHarness();
  harness.storage.add('good', 1).add('broken', 1);
  harness.fail({ broken: 1 });
  return harness;
}

const models = ['good', 'broken', 'missing'].map((name) => model(name));

describe('a start that leaves models unavailable', () => {
  it('warns once, with each reason', async () => {
    await makeHarness().start({ models, on: {} });
    expect(emitWarning.mock.calls).toEqual([
      [
        expect.stringMatching(
          /^2 of 3 models not available after the start: name=broken code=DATA_LOSS error=".*no data"; name=missing code=NOT_FOUND error="Could not find base path missing .*"$/,
        ),
        { code: 'SERVING_MODELS_UNAVAILABLE' },
      ],
    ]);
  });

  it('names ten models at most', async () => {
    const many = Array.from({ length: 12 }, (_, i) => model(`m${i}`));
    await makeHarness().start({ models: many, on: {} });
    expect(String(emitWarning.mock.calls[0]![0])).toMatch(/^12 of 12 .*name=m9 .*; and 2 more$/);
  });

  it.each([
    ['all models are available', { models: [model('good')], on: {} }],
    ['the host listens to errors', { models, on: { error: () => undefined } }],
    ['the host listens to ends', { models, on: { 'servable:end': () => undefined } }],
  ])('does not warn where %s', async (_, options) => {
    await makeHarness().start(options);
    expect(emitWarning).not.toHaveBeenCalled();
  });

  it('does not warn where a logger has it', async () => {
    const nothing = () => undefined;
    const log = startModelLog({ logger: { debug: nothing, info: nothing, warn: nothing, error: nothing } });
    await makeHarness().start({ models, on: log.listeners });
    log.stop();
    expect(emitWarning).not.toHaveBeenCalled();
  });
});
