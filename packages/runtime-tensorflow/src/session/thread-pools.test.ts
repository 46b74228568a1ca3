import { rm } from 'node:fs/promises';
import { afterEach, describe, expect, it } from 'vitest';
import { fixturePath } from '../../../savedmodel/src/fixtures.test-support.js';
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
describe.runIf(process.platform === 'linux')("the process's threads", { timeout: 60_000 }, () => {
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
    const first = pools.ensure({ intraOpThreads: 1 }, probe).then(() => order.push('first'));
    const second = pools.ensure({}, probe).then(() => order.push('second'));
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
    const first = pools.ensure({ intraOpThreads: 1 }, probe);
    const second = pools.ensure({ intraOpThreads: 2 }, probe);
    await expect(first).rejects.toThrow('bad options');
    await second;
    expect(probed).toEqual([1, 2]);
  });

  it('warn once of each number that comes too late', async () => {
    process.on('warning', warn);
    const pools = new ThreadPools();
    const probe = async (): Promise<void> => undefined;
    await pools.ensure({ intraOpThreads: 2 }, probe);
    await pools.ensure({ intraOpThreads: 2 }, probe);
    await pools.ensure({}, probe);
    await pools.ensure({ intraOpThreads: 4 }, probe);
    await pools.ensure({ intraOpThreads: 4, interOpThreads: 3 }, probe);
    await new Promise((resolve) => setImmediate(resolve));
    expect(warnings).toEqual([
      expect.stringContaining('ServingWarning: intraOpThreads=4 has no effect: TensorFlow has one pool'),
      expect.stringContaining('interOpThreads=3 has no effect: TensorFlow has one pool per process, which its'),
    ]);
    expect(warnings[0]).toContain('made with 2.');
    expect(warnings[1]).toContain("made with TensorFlow's own choice.");
  });
});

describe('a ConfigProto', { timeout: 60_000 }, () => {
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
