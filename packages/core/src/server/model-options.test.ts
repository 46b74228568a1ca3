import { describe, expect, it } from 'vitest';
import { FakeLoader, fakePlatform } from '../../../test-doubles/src/fake-platform.js';
import { platformFromLoader } from '../loader/platform-from-loader.js';
import { ServingError } from '../serving-error.js';
import { model, ServerHarness } from './model-server.test-support.js';

/** A platform that takes the option `size`, and what its loaders were made with. */
function platformWithOptions() {
  const seen: [name: string, options: object | undefined][] = [];
  const platform = platformFromLoader(
    (_, id, options) => {
      seen.push([id.name, options]);
      return new FakeLoader(id);
    },
    {
      checkModelOptions: (options) => {
        if (!('size' in options)) throw new ServingError('INVALID_ARGUMENT', 'expected a size');
      },
    },
  );
  return { platform, seen };
}

describe('options of a model', () => {
  it('reach the loaders of its versions', async () => {
    const { platform, seen } = platformWithOptions();
    const harness = new ServerHarness();
    harness.storage.add('a', 1).add('b', 1);
    await harness.start({
      models: [model('a', { options: { size: 1 } }), model('b')],
      platforms: { tensorflow: platform },
    });
    expect(seen).toEqual([
      ['a', { size: 1 }],
      ['b', undefined],
    ]);
  });

  it('are the new ones for versions that are found after a reload', async () => {
    const { platform, seen } = platformWithOptions();
    const harness = new ServerHarness();
    harness.storage.add('a', 1);
    const server = await harness.start({ models: [model('a')], platforms: { tensorflow: platform } });
    await server.reload({ models: [model('a', { options: { size: 2 } })] });
    harness.storage.add('a', 2);
    await server.poll('a');
    expect(seen.at(-1)).toEqual(['a', { size: 2 }]);
  });

  it('refuse the list that the platform refuses', async () => {
    const { platform } = platformWithOptions();
    const harness = new ServerHarness();
    harness.storage.add('a', 1);
    const server = await harness.start({ models: [model('a')], platforms: { tensorflow: platform } });
    await expect(server.reload({ models: [model('a'), model('b', { options: { sise: 1 } })] })).rejects.toMatchObject({
      code: 'INVALID_ARGUMENT',
      message: 'Invalid model server configuration: models[1].options: expected a size',
    });
    expect(server.modelNames).toEqual(['a']);
  });

  it.each([
    [{ size: 1 }, 'Unknown option "size" of a model whose platform has no options'],
    ['size', 'models[0].options: expected an object'],
  ])('are refused: %j', async (options, message) => {
    const models = [{ ...model('a'), options: options as object }];
    const started = new ServerHarness().start({ models, platforms: { tensorflow: fakePlatform() } });
    await expect(started).rejects.toMatchObject({
      code: 'INVALID_ARGUMENT',
      message: expect.stringContaining(message),
    });
  });
});
