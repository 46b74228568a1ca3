import { describe, expect, it } from 'vitest';
import { settle } from '../manual-clock.test-support.js';
import type { NamedTensors } from '../tensor/tensor.js';
import type { BatchingOptions } from './batching-options.js';
import { World } from './batching-world.test-support.js';
import { FakeInlineServable, FakeServable, floats, named } from './fake-servable.test-support.js';
import { LoneRunGate } from './inline-run-gate.js';

describe('LoneRunGate', () => {
  /** A gate for a model whose runs take so long. */
  const gateFor = (micros: number): LoneRunGate => {
    const gate = new LoneRunGate();
    for (let i = 0; i < 20; i++) gate.recordAlone(micros);
    return gate;
  };
  const admissions = (gate: LoneRunGate, count: number): boolean[] =>
    Array.from({ length: count }, () => gate.mayRunAlone());

  it('takes runs of unknown cost for worth merging', () => {
    expect(admissions(new LoneRunGate(), 2)).toEqual([true, false]);
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

describe('batchingServable and servables that run at once', () => {
  const runNow = (world: World<FakeServable>, x: readonly number[]): NamedTensors | undefined =>
    world.batched.runNow(world.signature(), named({ x: floats(x) }));

  it('runs a lone request at once', async () => {
    const world = new World(new FakeInlineServable(), {});
    for (let i = 0; i < 3; i++) {
      expect(runNow(world, [1])?.z?.data).toEqual(new Float32Array([2]));
      await settle();
    }
  });

  it('merges the requests of one turn, and of the turns after a busy one', async () => {
    const servable = new FakeInlineServable();
    const sizes: number[] = [];
    const world = new World(servable, {});
    servable.onRun = (rows) => {
      sizes.push(rows);
      world.clock.passed += 0.1;
    };
    const request = (): unknown => runNow(world, [1]) ?? world.run([1]);
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
    const servable = new FakeInlineServable();
    const world = new World(servable, {});
    for (let n = 0; n < 20; n++) {
      runNow(world, [1]);
      await settle();
    }
    for (let n = 0; n < 4; n++) expect(runNow(world, [1])).toBeDefined();
  });

  it.each<[string, BatchingOptions, readonly number[]]>([
    ['that would be padded', { maxBatchSize: 4, allowedBatchSizes: [4] }, [1]],
    ['that would be cut', { maxBatchSize: 2 }, [1, 2, 3]],
    ['where requests are to wait for each other', { batchTimeoutMs: 1 }, [1]],
  ])('leaves a request to the queue %s', (_, options, x) => {
    expect(runNow(new World(new FakeInlineServable(), options), x)).toBeUndefined();
  });

  it('never overtakes what waits, and does nothing where the servable does not', async () => {
    const world = new World(new FakeInlineServable(), {});
    void world.run([1]);
    expect(runNow(world, [1])).toBeUndefined();
    expect(runNow(new World(new FakeServable(), {}), [1])).toBeUndefined();
    const busy = new FakeInlineServable();
    busy.runNow = () => undefined as never;
    expect(runNow(new World(busy, {}), [1])).toBeUndefined();
  });

  it('runs nothing at once when it is closed', async () => {
    const world = new World(new FakeInlineServable(), {});
    await world.batched.close();
    expect(runNow(world, [1])).toBeUndefined();
  });

  it('tells an observer of runs made at once too', () => {
    const events: unknown[] = [];
    const observer = {
      onRequest: ({ size }: { readonly size: number }) => events.push(['request', size]),
      onDequeued: ({ queueMicros }: { readonly queueMicros: number }) => events.push(['dequeued', queueMicros]),
      onBatch: ({ tasks, size }: { readonly tasks: number; readonly size: number }) =>
        events.push(['batch', tasks, size]),
    };
    runNow(new World(new FakeInlineServable(), {}, { observer }), [1, 2]);
    expect(events).toEqual([
      ['request', 2],
      ['dequeued', 0],
      ['batch', 1, 2],
    ]);
  });

  it('checks inputs and outputs as in a batch', async () => {
    const servable = new FakeInlineServable();
    const world = new World(servable, {});
    expect(() => world.batched.runNow(world.signature(), named({}))).toThrow('Missing input: x');
    await settle();
    servable.compute = () => named({ z: floats([1, 2]) });
    expect(() => runNow(world, [1])).toThrow("Batched output tensor's 0th dimension");
  });
});
