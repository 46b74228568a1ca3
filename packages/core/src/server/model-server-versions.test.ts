import { describe, expect, it } from 'vitest';
import { ServingError } from '../serving-error.js';
import { answer, model, ServerHarness } from './model-server.test-support.js';

/** Times of export as version numbers; a double holds neither, and takes them for one. */
const OLD = 20241130113432123n;
const NEW = 20241130113432124n;
const DIGITS = String(OLD);

describe('ModelServer with versions beyond 2^53', () => {
  it('serves the latest, and hot-swaps to the next one up', async () => {
    const harness = new ServerHarness();
    harness.storage.add('m', 7, OLD);
    const server = await harness.start({ models: [model('m')] });
    expect(await answer(server, 'm')).toBe(OLD);
    harness.storage.add('m', NEW);
    await server.poll();
    expect(await answer(server, 'm')).toBe(NEW);
    expect(harness.take()).toEqual([`available m ${OLD}`, `available m ${NEW}`, `unloading m ${OLD}`, `end m ${OLD}`]);
    expect(server.getModelStatus({ model: 'm' }).map(({ version }) => version)).toEqual([NEW, OLD]);
    expect(harness.errors).toEqual([]);
  });

  it('takes versions and labels of a configuration as numbers, bigints or digits', async () => {
    const harness = new ServerHarness();
    harness.storage.add('m', 3, 4, OLD, NEW);
    const config = model('m', {
      versionPolicy: { specific: { versions: [3n, '4', DIGITS, NEW] } },
      versionLabels: { small: '3', large: DIGITS },
    });
    const server = await harness.start({ models: [config] });
    expect(server.getModelStatus({ model: 'm' }).map(({ version }) => version)).toEqual([NEW, OLD, 4, 3]);
    expect([await answer(server, 'm', 'small'), await answer(server, 'm', 'large')]).toEqual([3, OLD]);
    await server.reload({
      models: [{ ...config, versionPolicy: { specific: { versions: [3, 4n, OLD, String(NEW)] } } }],
    });
    expect(harness.loaders).toHaveLength(4);
  });

  it('finds a version by its number, a bigint or its digits', async () => {
    const harness = new ServerHarness();
    harness.storage.add('m', 3, OLD);
    const server = await harness.start({ models: [model('m', { versionPolicy: { all: {} } })] });
    for (const version of [3, 3n, '3', '003', OLD, DIGITS]) {
      const ran = await server.predict({ model: 'm', version, inputs: { x: [0] } });
      expect(ran.version).toBe(BigInt(version) === OLD ? OLD : 3);
      expect(server.getModelStatus({ model: 'm', version })).toHaveLength(1);
      expect(server.getModelMetadata({ model: 'm', version }).version).toBe(ran.version);
    }
    const code = (version: bigint): string => {
      try {
        return server.getServableHandle({ model: 'm', version }).id.name;
      } catch (error) {
        return ServingError.from(error).message;
      }
    };
    expect(code(NEW)).toBe(`Servable not found for request: Specific(m, ${NEW})`);
  });

  it.each([
    ['latest', '"latest"'],
    [1.5, '1.5'],
    [2 ** 53, '9007199254740992'],
    [2n ** 63n, '9223372036854775808'],
    ['', '""'],
  ])('refuses the version %o by name in requests and configurations', async (version, quoted) => {
    const harness = new ServerHarness();
    harness.storage.add('m', 3);
    const server = await harness.start({ models: [model('m')] });
    const problem = `expected a version, an int64 as a number, a bigint or digits (got ${quoted})`;
    const refusal = { code: 'INVALID_ARGUMENT', message: expect.stringContaining(`Model "m": ${problem}`) };
    await expect(server.predict({ model: 'm', version, inputs: { x: [0] } })).rejects.toMatchObject(refusal);
    expect(() => server.getModelStatus({ model: 'm', version })).toThrow(expect.objectContaining(refusal));
    const labelled = model('m', { versionLabels: { stable: version } });
    await expect(server.reload({ models: [labelled] })).rejects.toMatchObject({
      code: 'INVALID_ARGUMENT',
      message: expect.stringContaining(`models[0].versionLabels.stable: ${problem}`),
    });
    const named = model('m', { versionPolicy: { specific: { versions: [3, version] } } });
    await expect(server.reload({ models: [named] })).rejects.toMatchObject({
      message: expect.stringContaining(`models[0].versionPolicy.specific.versions[1]: ${problem}`),
    });
    expect(await answer(server, 'm')).toBe(3);
  });

  it('serves other models when one names a version that is not there', async () => {
    const harness = new ServerHarness();
    harness.storage.add('a', 1).add('b', 1);
    const absent = model('a', { versionPolicy: { specific: { versions: [OLD] } } });
    const server = await harness.start({ models: [absent, model('b')] });
    expect(await answer(server, 'b')).toBe(1);
    expect(harness.errors).toContain(`Model "a": Version ${OLD} is wanted but not there`);
  });
});
