import { describe, expect, it, onTestFinished } from 'vitest';
import { floats, ManualInlineServable, type ManualServable, named } from '../../../test-doubles/src/manual-servable.js';
import { settle } from '../../../testing/src/manual-clock.js';
import { observeServing } from '../diagnostics/observe-serving.js';
import type { NamedTensors } from '../tensor/tensor.js';
import type { BatchingOptions } from './batching-options.js';
import { World } from './batching-world.test-support.js';
import { LoneRunGate } from './inline-run-gate.js';

describe('LoneRunGate', () => {
  /** A gate for a model whose runs take so long. */
  const gateFor = (micros: number): LoneRunGate => {
    const gate = new LoneRunGate();
    gate.recordBatch(micros);
    for (let i = 0; i < 20; i++) gate.recordAlone(micros);
    return gate;
  };
  const admissions = (gate: LoneRunGate, count: number): boolean[] =>
    Array.from({ length: count }, () => gate.mayRunAlone());

  it('admits nothing until a run was over when it returned', () => {
    const gate = new LoneRunGate();
    expect(admissions(gate, 2)).toEqual([false, false]);
    gate.recordBatch(1000);
    expect(admissions(gate, 2)).toEqual([true, false]);
  });

  it('admits nothing after a threaded run', () => {
    const gate = gateFor(5);
    gate.recordThreaded();
    expect(admissions(gate, 2)).toEqual([false, false]);
    gate.recordBatch(5);
    expect(admissions(gate, 2)).toEqual([true, true]);
  });

  it('admits everything where a run costs less than merging', () => {
    expect(admissions(gateFor(5), 3)).toEqual([true, true, true]);
  });

  it('admits the first of a turn, and none in the turns after a busy one until one was quiet', async () => {
    const gate = gateFor(100);
    const turns: boolean[][] = [];
    for (const count of [1, 2, 1, 1, 3, 2, 1, 1]) {
      turns.push(admissions(gate, count));
      await settle();
    }
    expect(turns).toEqual([
      [true],
      [true, false],
      [false],
      [true],
      [true, false, false],
      [false, false],
      [false],
      [true],
    ]);
  });

  it('is not turned by a single run that was interrupted', () => {
    const gate = gateFor(5);
    gate.recordAlone(50_000);
    expect(admissions(gate, 2)).toEqual([true, true]);
  });

  it('learns from quick batches that lone runs are quick, and from slow ones nothing', () => {
    const gate = gateFor(100);
    for (let i = 0; i < 20; i++) gate.recordBatch(5);
    for (let i = 0; i < 20; i++) gate.recordBatch(1000);
    expect(admissions(gate, 2)).toEqual([true, true]);
  });
});

describe('batchingServable and inline runs', () => {
  const run = (world: World<ManualServable>, x: readonly number[]): NamedTensors | Promise<NamedTensors> =>
    world.batched.run(world.signature(), named({ x: floats(x) }));
  /** The outputs of a run that is over when it returns; `undefined` for one that has to be waited for. */
  const runInline = (world: World<ManualServable>, x: readonly number[]): NamedTensors | undefined => {
    const outputs = run(world, x);
    if (!(outputs instanceof Promise)) return outputs;
    outputs.catch(() => undefined);
    return undefined;
  };
  /** A world whose servable is known to run inline, by a batch. */
  const inlineWorld = async (
    servable: ManualInlineServable,
    ...rest: [BatchingOptions, ...unknown[]] | []
  ): Promise<World<ManualInlineServable>> => {
    const [options = {}, session = {}] = rest;
    const world = new World(servable, options, session as object);
    await world.run([1]);
    await settle();
    return world;
  };

  it('runs the first request in a batch, and lone ones after it at once', async () => {
    const world = new World(new ManualInlineServable(), {});
    const first = run(world, [1]);
    expect(first).toBeInstanceOf(Promise);
    expect((await first).z?.data).toEqual(new Float32Array([2]));
    await settle();
    for (let i = 0; i < 3; i++) {
      expect(runInline(world, [1])?.z?.data).toEqual(new Float32Array([2]));
      await settle();
    }
  });

  it('merges the requests of one turn, and of the turns after a busy one', async () => {
    const servable = new ManualInlineServable();
    const sizes: number[] = [];
    const world = await inlineWorld(servable);
    servable.onRun = (rows) => {
      sizes.push(rows);
      world.clock.passed += 0.1;
    };
    const request = (): unknown => run(world, [1]);
    for (let i = 0; i < 3; i++) {
      for (let n = 0; n < 4; n++) request();
      await settle();
      await settle();
    }
    request();
    await settle();
    request();
    await settle();
    expect(sizes).toEqual([1, 3, 4, 4, 1, 1]);
  });

  it('does not merge what takes less than merging', async () => {
    const world = await inlineWorld(new ManualInlineServable());
    for (let n = 0; n < 20; n++) {
      runInline(world, [1]);
      await settle();
    }
    for (let n = 0; n < 4; n++) expect(runInline(world, [1])).toBeDefined();
  });

  it.each<[string, BatchingOptions, readonly number[]]>([
    ['that would be padded', { maxBatchSize: 4, allowedBatchSizes: [4] }, [1]],
    ['that would be cut', { maxBatchSize: 2 }, [1, 2, 3]],
    ['where requests are to wait for each other', { batchTimeoutMs: 1 }, [1]],
  ])('leaves a request to the queue %s', async (_, options, x) => {
    const world = new World(new ManualInlineServable(), options);
    void world.run([1]);
    await world.clock.advance(1);
    await settle();
    expect(runInline(world, x)).toBeUndefined();
  });

  it('never overtakes what waits', async () => {
    const world = await inlineWorld(new ManualInlineServable());
    for (let n = 0; n < 2; n++) void run(world, [1]);
    expect(runInline(world, [1])).toBeUndefined();
  });

  it('waits for a lone run that turns out to be threaded, and leaves the next ones to the queue', async () => {
    const servable = new ManualInlineServable();
    const world = await inlineWorld(servable);
    servable.isThreaded = true;
    const first = run(world, [1]);
    const second = run(world, [2]);
    expect(servable.runs).toHaveLength(1);
    await world.finish();
    expect((await first).z?.data).toEqual(new Float32Array([2]));
    expect((await second).z?.data).toEqual(new Float32Array([4]));
    expect(runInline(world, [1])).toBeUndefined();
  });

  it('runs nothing at once when it is closed', async () => {
    const world = await inlineWorld(new ManualInlineServable());
    await world.batched.close();
    await expect(world.run([1])).rejects.toMatchObject({ code: 'UNAVAILABLE' });
  });

  it('publishes runs made at once too', async () => {
    const events: unknown[] = [];
    const observer = {
      onBatchingRequest: ({ size }: { readonly size: number }) => events.push(['request', size]),
      onBatchingQueue: ({ queueMs }: { readonly queueMs: number }) => events.push(['dequeued', queueMs]),
      onBatchingRun: ({ tasks, size }: { readonly tasks: number; readonly size: number }) =>
        events.push(['batch', tasks, size]),
    };
    const world = await inlineWorld(new ManualInlineServable());
    onTestFinished(observeServing(observer));
    expect(runInline(world, [1, 2])).toBeDefined();
    expect(events).toEqual([
      ['request', 2],
      ['dequeued', 0],
      ['batch', 1, 2],
    ]);
  });

  it('checks inputs and outputs as in a batch', async () => {
    const servable = new ManualInlineServable();
    const world = await inlineWorld(servable);
    expect(() => world.batched.run(world.signature(), named({}))).toThrow('Missing input: x');
    await settle();
    servable.compute = () => named({ z: floats([1, 2]) });
    expect(() => run(world, [1])).toThrow("Batched output tensor's 0th dimension");
  });
});
