/** TensorFlow's allocator, held: no native call that may wait for it is made on the event loop. */
import { systemClock } from '@serving/core/extend';
import { createTensor } from '@serving/core/tensor';
import type { PreparedRun, RunMode } from '@serving/engine';
import { findLibrary, RunSlots } from '@serving/engine';
import { type Address, NativeDisposal, type NativeFunction, NativeRuns } from '@serving/engine/native';
import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { fixturePath } from '../../../test-doubles/src/saved-model-fixtures.js';
import { TensorFlowSession } from '../session/session.js';
import { loadTensorFlowApi, type TensorFlowApi } from './c-api.js';
import { NativeTensors } from './native-tensor.js';

const x = createTensor('float', [3], Float32Array.of(1, 2, 5));
const y = createTensor('float', [3], Float32Array.of(2.5, 3, 4.5));
const tick = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** TensorFlow's API with an allocator that a test holds: deletions on the pool are over when the test says so. */
class HeldAllocator {
  readonly api: TensorFlowApi;
  /** What was deleted on the event loop although its memory is TensorFlow's. */
  readonly deletedOnLoop: Address[] = [];
  /** Deletions on the pool that wait for the allocator. */
  readonly waiting: { readonly tensors: readonly Address[]; release(): void }[] = [];
  readonly #ours = new Set<Address>();

  constructor(real: TensorFlowApi) {
    const newTensor = ((...args: Parameters<TensorFlowApi['newTensor']>) => {
      const tensor = real.newTensor(...args);
      this.#ours.add(tensor);
      return tensor;
    }) as TensorFlowApi['newTensor'];
    const deleteTensor = ((tensor: Address) => {
      if (!this.#ours.delete(tensor)) this.deletedOnLoop.push(tensor);
      real.deleteTensor(tensor);
    }) as NativeFunction<[Address], void>;
    const deleteTensors: TensorFlowApi['deleteTensors'] = (tensors, callback) => {
      this.waiting.push({ tensors, release: () => real.deleteTensors(tensors, callback) });
    };
    this.api = { ...real, newTensor, deleteTensor, deleteTensors };
  }

  /** A session of half plus two, and a way to prepare its runs in either mode. */
  async load(): Promise<{ session: TensorFlowSession; prepare: (runMode: RunMode) => PreparedRun }> {
    const { api } = this;
    const context = {
      api,
      share: () => {
        throw new Error('not shared');
      },
      tensors: new NativeTensors(api),
      disposal: new NativeDisposal(api.deleteTensors),
      slots: new RunSlots(2),
      clock: systemClock,
      runs: new NativeRuns(systemClock, 'auto'),
      runOptions: api.callerThreadRunOptions,
    };
    const session = await TensorFlowSession.load(context, fixturePath('half_plus_two', 123), ['serve'], {}, {});
    const prepare = (runMode: RunMode): PreparedRun => {
      context.runs = new NativeRuns(systemClock, runMode);
      return session.prepare(['x'], ['y']);
    };
    return { session, prepare };
  }
}

describe('while TensorFlow holds its allocator', () => {
  let real: TensorFlowApi;
  let allocator: HeldAllocator;

  beforeAll(async () => {
    real = await loadTensorFlowApi((await findLibrary({ engine: 'tensorflow' })).path, false);
  });
  beforeEach(() => {
    allocator = new HeldAllocator(real);
  });

  it('threaded runs return their results, and one call on the pool deletes the tensors of several', async () => {
    const { session, prepare } = await allocator.load();
    const run = prepare('thread');
    expect(await Promise.all([run.run([x]), run.run([x])])).toEqual([[y], [y]]);
    await expect.poll(() => allocator.waiting.length).toBe(1);
    expect(await run.run([x])).toEqual([y]);
    await tick();
    // The second call comes when the first is over, however long that takes.
    expect(allocator.waiting).toHaveLength(1);
    allocator.waiting[0]!.release();
    await expect.poll(() => allocator.waiting.length).toBe(2);
    allocator.waiting[1]!.release();
    expect(allocator.waiting.flatMap(({ tensors }) => tensors)).toHaveLength(3);
    expect(allocator.deletedOnLoop).toEqual([]);
    await session.close();
  });

  it('an inline run deletes its own results, unless the session runs on a thread too', async () => {
    const { session, prepare } = await allocator.load();
    const inline = prepare('inline');
    inline.run([x]);
    expect(allocator.deletedOnLoop).toHaveLength(1);

    const running = prepare('thread').run([x]);
    expect(inline.run([x])).toEqual([y]);
    expect(allocator.deletedOnLoop).toHaveLength(1);
    await running;
    await expect.poll(() => allocator.waiting.length).toBe(1);
    allocator.waiting[0]!.release();
    await tick();
    expect(allocator.deletedOnLoop).toHaveLength(1);
    await session.close();
  });

  it('a run that was given up leaves its results to the pool', async () => {
    const { session, prepare } = await allocator.load();
    const aborting = new AbortController();
    const run = prepare('thread').run([x], { signal: aborting.signal });
    aborting.abort();
    await expect(run).rejects.toMatchObject({ code: 'CANCELLED' });
    await expect.poll(() => allocator.waiting.length).toBe(1);
    allocator.waiting[0]!.release();
    expect(allocator.deletedOnLoop).toEqual([]);
    await session.close();
  });
});
