import { rm } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import type { SessionOptions } from '@serving/engine';
import { afterEach, describe, expect, it } from 'vitest';
import { fixturePath } from '../../../test-doubles/src/saved-model-fixtures.js';
import { runWithRuntime } from '../child-process.test-support.js';
import { writeUnaryModel } from './pbtxt-model.test-support.js';
import { ThreadPools } from './thread-pools.js';

const model = JSON.stringify(fixturePath('half_plus_two', 123));

/** Prints how many threads the process has after the calls. */
const countThreads = (calls: string): string => `
  const { readdirSync } = require('node:fs');
  const runtime = tensorflowRuntime();
  const load = (session) => runtime.load(${model}, ['serve'], session);
  ${calls}
  console.log(JSON.stringify(readdirSync('/proc/self/task').length));`;

// Where threads are counted elsewhere, that is by other means: the pools themselves are the same.
describe.runIf(process.platform === 'linux')("the process's threads", () => {
  const threadsAfter = (calls: string): Promise<number> => runWithRuntime(countThreads(calls));

  it.each([
    ['a load', (threads: number) => `await load({ intraOpThreads: ${threads} });`],
    [
      'configure and describe',
      (threads: number) => `runtime.configure({ intraOpThreads: ${threads} }); await runtime.describe();`,
    ],
    [
      'configure, and a load that asks for no number',
      (threads: number) => `runtime.configure({ intraOpThreads: ${threads} }); await load({});`,
    ],
    [
      'many loads at once',
      (threads: number) => `
        const first = load({ intraOpThreads: ${threads} });
        await Promise.all([first, load({}), load({ intraOpThreads: ${threads} }), runtime.describe()]);`,
    ],
  ])('are as many as the first asked-for number says, after %s', async (_, calls) => {
    const few = await threadsAfter(calls(2));
    expect((await threadsAfter(calls(9))) - few).toBe(7);
  });

  it('are sized for kernels side by side too', async () => {
    const calls = (threads: number): string => `await load({ interOpThreads: ${threads} });`;
    const few = await threadsAfter(calls(2));
    expect((await threadsAfter(calls(9))) - few).toBe(7);
  });
});

describe.runIf(process.platform === 'linux')("the threads of models' kernels", () => {
  const load = (hasSmallKernels: boolean, session = '{}'): string =>
    `await runtime.load(${model}, ['serve'], ${session}, { hasSmallKernels: ${hasSmallKernels} });`;
  const countAround = (options: string, first: string, second: string): Promise<{ before: number; after: number }> =>
    runWithRuntime(`
      const { readdirSync } = require('node:fs');
      const runtime = tensorflowRuntime(${options});
      const threads = () => readdirSync('/proc/self/task').length;
      ${first}
      const before = threads();
      ${second}
      console.log(JSON.stringify({ before, after: threads() }));`);

  it.each([
    ['one of a model with small kernels', '{}', load(false), load(true), 1],
    ['as many as processors of another', '{}', load(true), load(false), availableParallelism()],
    ['as many as a model asks for', '{}', load(true), load(true, '{ intraOpThreads: 5 }'), 5],
    ['none once a model is closed', '{}', load(true), `await (${load(false).slice(0, -1)}).close();`, 0],
    ['none where one pool is shared', "{ intraOpThreadPool: 'shared' }", load(false), load(true), 0],
    ['none where the first model asked for a number', '{}', load(true, '{ intraOpThreads: 3 }'), load(true), 0],
  ])('are %s', async (_, options, first, second, added) => {
    const { before, after } = await countAround(options, first, second);
    expect(after - before).toBe(added);
  });

  it('leave the environment as it was', async () => {
    const outcome = await runWithRuntime(`
      const runtime = tensorflowRuntime();
      ${load(true)}
      console.log(JSON.stringify(process.env.TF_OVERRIDE_GLOBAL_THREADPOOL ?? 'unset'));`);
    expect(outcome).toBe('unset');
  });
});

describe('KernelThreads', () => {
  const probe = async (): Promise<void> => undefined;
  const poolsOf = async (options: SessionOptions = {}, wantsOwn = true): Promise<ThreadPools> => {
    const pools = new ThreadPools(4, 10);
    await pools.ensure(options, wantsOwn, probe);
    return pools;
  };

  it.each<[string, SessionOptions, boolean, SessionOptions, boolean, number, boolean]>([
    ['small kernels', {}, true, {}, true, 1, true],
    ['others', {}, true, {}, false, 4, false],
    ['a number of its own', {}, true, { intraOpThreads: 3 }, true, 3, false],
    ['one of its own', {}, true, { intraOpThreads: 1 }, false, 1, true],
    ['a ConfigProto', {}, true, { configProto: Uint8Array.of(16, 2) }, true, 0, false],
    ['a number for the process', { intraOpThreads: 1 }, true, {}, false, 0, true],
    ['a ConfigProto for the process', { configProto: Uint8Array.of(16, 2) }, true, {}, true, 0, false],
    ['one pool by choice', {}, false, {}, true, 0, false],
  ])('with %s', async (_, first, wantsOwn, options, hasSmallKernels, intraOpThreads, isSingle) => {
    const pools = await poolsOf(first, wantsOwn);
    expect(pools.take(options, hasSmallKernels)).toMatchObject({ intraOpThreads, isSingle });
  });

  it('are one for each model beyond the limit, until others are gone', async () => {
    const pools = await poolsOf();
    const [first] = [pools.take({}, false), pools.take({}, false)];
    expect(pools.take({}, false).intraOpThreads).toBe(1);
    first.release();
    expect(pools.take({}, false).intraOpThreads).toBe(4);
    // Its warning is not for the next test.
    await new Promise((resolve) => setImmediate(resolve));
  });
});

describe('ThreadPools', () => {
  const warnings: string[] = [];
  const warn = ({ message, name }: Error): void => void warnings.push(`${name}: ${message}`);
  afterEach(() => {
    process.off('warning', warn);
    warnings.length = 0;
  });

  it('are made once, with the first options, and the others wait for them', async () => {
    const pools = new ThreadPools();
    const probes: { options: object; end: () => void }[] = [];
    const probe = (options: object): Promise<void> => new Promise((end) => probes.push({ options, end }));
    const order: string[] = [];
    const first = pools.ensure({ intraOpThreads: 1 }, true, probe).then(() => order.push('first'));
    const second = pools.ensure({}, true, probe).then(() => order.push('second'));
    expect(probes.map(({ options }) => options)).toEqual([{ intraOpThreads: 1 }]);
    expect(order).toEqual([]);
    probes[0]!.end();
    await Promise.all([first, second]);
    expect(order).toHaveLength(2);
    expect(probes).toHaveLength(1);
  });

  it('are made by the next options when the first are bad', async () => {
    const pools = new ThreadPools();
    const probed: unknown[] = [];
    const probe = async ({ intraOpThreads: threads }: { intraOpThreads?: number }) => {
      probed.push(threads);
      if (threads === 1) throw new Error('bad options');
    };
    const first = pools.ensure({ intraOpThreads: 1 }, true, probe);
    const second = pools.ensure({ intraOpThreads: 2 }, true, probe);
    await expect(first).rejects.toThrow('bad options');
    await second;
    expect(probed).toEqual([1, 2]);
  });

  it('warn once of each number that comes too late', async () => {
    process.on('warning', warn);
    const pools = new ThreadPools();
    const probe = async (): Promise<void> => undefined;
    await pools.ensure({ intraOpThreads: 2 }, true, probe);
    await pools.ensure({ intraOpThreads: 2 }, true, probe);
    await pools.ensure({}, true, probe);
    await pools.ensure({ intraOpThreads: 4 }, true, probe);
    await pools.ensure({ intraOpThreads: 4, interOpThreads: 3 }, true, probe);
    await new Promise((resolve) => setImmediate(resolve));
    expect(warnings).toEqual([
      expect.stringContaining('ServingWarning: intraOpThreads=4 has no effect: TensorFlow has one pool'),
      expect.stringContaining('interOpThreads=3 has no effect: TensorFlow has one pool per process, which its'),
    ]);
    expect(warnings[0]).toContain('made with 2.');
    expect(warnings[1]).toContain("made with TensorFlow's own choice.");
  });

  it('warn once when models have so many threads that further ones get one each', async () => {
    process.on('warning', warn);
    const pools = new ThreadPools(4, 10);
    await pools.ensure({}, true, async () => undefined);
    for (let i = 0; i < 4; i++) pools.take({}, false);
    await new Promise((resolve) => setImmediate(resolve));
    expect(warnings).toEqual([
      'ServingWarning: Pools of models have 8 threads: kernels of more models use one thread each. With intraOpThreads=4 all models share one pool',
    ]);
  });
});

describe('a ConfigProto', () => {
  it('reaches TensorFlow as it is: operations for a GPU run elsewhere with allow_soft_placement', async () => {
    const folder = await writeUnaryModel({
      operation: 'Neg',
      attributes: 'attr { key: "T" value { type: DT_FLOAT } }',
      device: '/device:GPU:0',
    });
    const outcome = await runWithRuntime(`
      const runtime = tensorflowRuntime();
      const negate = async (session) => {
        const loaded = await runtime.load(${JSON.stringify(folder)}, ['serve'], session);
        const x = { dtype: 'float', shape: [1], data: Float32Array.of(3) };
        return [...(await loaded.prepare(['x'], ['y']).run([x]))[0].data];
      };
      const strict = await negate({}).catch(({ code }) => code);
      const soft = await negate({ configProto: Uint8Array.of(0x38, 1) });
      const badProto = await negate({ configProto: Uint8Array.of(0x38) }).catch(({ code, message }) => code + ': ' + message);
      console.log(JSON.stringify({ strict, soft, badProto }));`);
    await rm(folder, { recursive: true });
    expect(outcome).toEqual({
      strict: 'INVALID_ARGUMENT',
      soft: [-3],
      badProto: expect.stringMatching(/^INVALID_ARGUMENT: .*ConfigProto/),
    });
  });
});
