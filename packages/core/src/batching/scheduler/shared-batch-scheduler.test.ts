import { describe, expect, it } from 'vitest';
import { isSettled, ManualClock, settle } from '../../../../testing/src/manual-clock.js';
import type { BatchingOptions } from '../batching-options.js';
import type { Batch, BatchScheduler, BatchTask, QueueOptions } from './batch-scheduler.js';
import { SharedBatchScheduler } from './shared-batch-scheduler.js';

interface Task extends BatchTask {
  readonly name: string;
  readonly kind?: string;
}

/** A scheduler whose batches end when the test says so. */
class World {
  readonly clock = new ManualClock();
  readonly scheduler: SharedBatchScheduler<Task>;
  /** Batches in the order in which they were taken, as `queue:names`. */
  readonly taken: string[] = [];
  readonly errors: string[] = [];
  readonly #running: (() => void)[] = [];

  constructor(options: BatchingOptions) {
    const onError = (error: Error): number => this.errors.push(error.message);
    this.scheduler = new SharedBatchScheduler<Task>(options, { clock: this.clock, onError });
  }

  addQueue(name = '', options: QueueOptions<Task> = {}): BatchScheduler<Task> {
    return this.scheduler.addQueue(options, (batch, release) => {
      this.taken.push(name + describeBatch(batch));
      this.#running.push(release);
    });
  }

  /** Ends the batch that was taken first, and lets what follows happen. */
  async endOne(): Promise<void> {
    this.#running.shift()!();
    await settle();
  }
}

function describeBatch({ tasks, size }: Batch<Task>): string {
  expect(size).toBe(tasks.reduce((sum, task) => sum + task.size, 0));
  return tasks.map(({ name }) => name).join('');
}

function schedule(queue: BatchScheduler<Task>, ...tasks: readonly (Task | string)[]): void {
  for (const task of tasks) queue.schedule(typeof task === 'string' ? { name: task, size: 1 } : task);
}

const splitTask = (task: Task, sizes: readonly number[]): Task[] =>
  sizes.map((size, i) => ({ name: `${task.name}${i}`, size }));

describe('SharedBatchScheduler without a batch timeout', () => {
  it('runs a lone task in its own turn, without a timer', async () => {
    const world = new World({ numBatchThreads: 1 });
    schedule(world.addQueue(), 'a');
    await settle();
    expect(world.taken).toEqual(['a']);
    expect(world.clock.pendingTimers).toBe(0);
  });

  it('runs tasks of one turn together', async () => {
    const world = new World({ numBatchThreads: 4 });
    schedule(world.addQueue(), 'a', 'b', 'c');
    await settle();
    expect(world.taken).toEqual(['abc']);
  });

  it('hands a full batch over at once', () => {
    const world = new World({ numBatchThreads: 1, maxBatchSize: 2 });
    schedule(world.addQueue(), 'a', 'b');
    expect(world.taken).toEqual(['ab']);
  });

  it('lets batches grow while all threads are busy', async () => {
    const world = new World({ numBatchThreads: 1 });
    const queue = world.addQueue();
    for (const name of ['a', 'b', 'c', 'd']) {
      schedule(queue, name);
      await settle();
    }
    expect(world.taken).toEqual(['a']);
    await world.endOne();
    expect(world.taken).toEqual(['a', 'bcd']);
  });
});

describe('SharedBatchScheduler with a batch timeout', () => {
  const options = { numBatchThreads: 1, maxBatchSize: 4, batchTimeoutMs: 10, enableLargeBatchSplitting: false };

  it('waits from the first task on, and no longer for those that follow', async () => {
    const world = new World(options);
    const queue = world.addQueue();
    schedule(queue, 'a');
    await world.clock.advance(9);
    schedule(queue, 'b');
    expect(world.taken).toEqual([]);
    await world.clock.advance(1);
    expect(world.taken).toEqual(['ab']);
    expect(world.clock.pendingTimers).toBe(0);
  });

  it('does not wait with a full batch, nor with one that the next task does not fit', async () => {
    const world = new World({ ...options, numBatchThreads: 2 });
    const queue = world.addQueue();
    schedule(queue, { name: 'A', size: 3 }, { name: 'B', size: 4 });
    expect(world.taken).toEqual(['A', 'B']);
  });

  it('takes what timed out meanwhile when a thread becomes free', async () => {
    const world = new World(options);
    const queue = world.addQueue();
    schedule(queue, { name: 'A', size: 4 }, 'b');
    await world.clock.advance(20);
    expect(world.taken).toEqual(['A']);
    await world.endOne();
    expect(world.taken).toEqual(['A', 'b']);
  });

  it('forgets a batch whose tasks were all removed', async () => {
    const world = new World(options);
    const queue = world.addQueue();
    const task = { name: 'a', size: 1 };
    schedule(queue, task);
    expect(queue.remove(task)).toBe(true);
    expect(queue.remove(task)).toBe(false);
    expect(queue.isIdle).toBe(true);
    expect(world.clock.pendingTimers).toBe(0);
    await world.clock.advance(20);
    expect(world.taken).toEqual([]);
  });

  it('runs a task without rows when its time is over', async () => {
    const world = new World(options);
    schedule(world.addQueue(), { name: 'nothing', size: 0 });
    await world.clock.advance(10);
    expect(world.taken).toEqual(['nothing']);
  });
});

describe('SharedBatchScheduler with several queues', () => {
  it('takes one batch from each in turn, however many wait in one', async () => {
    const world = new World({ numBatchThreads: 1, maxBatchSize: 1 });
    const [one, two, three] = ['1', '2', '3'].map((name) => world.addQueue(name));
    schedule(one!, 'a', 'b', 'c', 'd');
    schedule(two!, 'a', 'b');
    schedule(three!, 'a');
    for (let i = 0; i < 7; i++) await world.endOne();
    expect(world.taken).toEqual(['1a', '1b', '2a', '3a', '1c', '2b', '1d']);
  });

  it('gives a small open batch its turn beside a queue that is never without a full one', async () => {
    const world = new World({ numBatchThreads: 1, maxBatchSize: 2 });
    const flooded = world.addQueue('flooded:');
    const quiet = world.addQueue('quiet:');
    schedule(flooded, 'a', 'a');
    for (let i = 0; i < 3; i++) {
      schedule(flooded, 'a', 'a');
      schedule(quiet, 'q');
      await world.endOne();
      await world.endOne();
    }
    expect(world.taken.filter((batch) => batch === 'quiet:q')).toHaveLength(3);
  });

  it('never runs more batches at a time than it has threads', async () => {
    const world = new World({ numBatchThreads: 2, maxBatchSize: 1 });
    for (const name of ['1', '2', '3', '4']) schedule(world.addQueue(name), 'a');
    await settle();
    expect(world.taken).toEqual(['1a', '2a']);
    await world.endOne();
    expect(world.taken).toEqual(['1a', '2a', '3a']);
  });

  it('runs one batch more, of a queue that has none running beside one that holds several threads', async () => {
    const world = new World({ numBatchThreads: 2, maxBatchSize: 1 });
    schedule(world.addQueue('flooded:'), 'a', 'b', 'c');
    const quiet = world.addQueue('quiet:');
    schedule(quiet, 'a', 'b');
    schedule(world.addQueue('other:'), 'a');
    expect(world.taken).toEqual(['flooded:a', 'flooded:b', 'quiet:a']);
    await world.endOne();
    // One of each is running now, as many as there are threads.
    expect(world.taken).toHaveLength(3);
  });

  it('hands one full batch over ahead while all slots of its engine are taken and nothing waits for one', async () => {
    const world = new World({ numBatchThreads: 2, maxBatchSize: 2 });
    const queue = world.addQueue('', { engineSlots: { wantsNext: true } });
    schedule(queue, 'a', 'a', 'b', 'b', 'c', 'c', 'd', 'd', 'e');
    await settle();
    expect(world.taken).toEqual(['aa', 'bb', 'cc']);
    await world.endOne();
    expect(world.taken.slice(3)).toEqual(['dd']);
    await world.endOne();
    // One that can still grow waits for a thread.
    expect(world.taken).toHaveLength(4);
    await world.endOne();
    expect(world.taken.slice(4)).toEqual(['e']);
  });

  it.each([
    ['has no slots', undefined],
    ['has a free slot, or something waits there', { wantsNext: false }],
  ])('hands none over ahead where its engine %s', async (_, engineSlots) => {
    const world = new World({ numBatchThreads: 2, maxBatchSize: 1 });
    schedule(world.addQueue('', { engineSlots }), 'a', 'b', 'c');
    await settle();
    expect(world.taken).toEqual(['a', 'b']);
  });

  it('has a thread for a quiet queue beside a batch that was handed over ahead', async () => {
    const world = new World({ numBatchThreads: 2, maxBatchSize: 1 });
    const engineSlots = { wantsNext: true };
    schedule(world.addQueue('flooded:', { engineSlots }), 'a', 'b', 'c', 'd');
    const quiet = world.addQueue('quiet:', { engineSlots });
    schedule(quiet, 'a', 'b');
    await settle();
    expect(world.taken).toEqual(['flooded:a', 'flooded:b', 'flooded:c', 'quiet:a']);
  });

  it('takes an open batch of such a queue at the end of the turn, or after its timeout', async () => {
    const world = new World({ numBatchThreads: 2, maxBatchSize: 2 });
    schedule(world.addQueue('flooded:'), 'a', 'a', 'b', 'b');
    schedule(world.addQueue('late:', { batchTimeoutMs: 2 }), 'a');
    schedule(world.addQueue('quiet:'), 'a');
    await settle();
    expect(world.taken.slice(2)).toEqual(['quiet:a']);
    await world.endOne();
    await world.endOne();
    await world.clock.advance(2);
    expect(world.taken.slice(3)).toEqual(['late:a']);
  });

  it('waits for the earliest timeout of all', async () => {
    const world = new World({ numBatchThreads: 1 });
    schedule(world.addQueue('slow', { batchTimeoutMs: 9 }), 'a');
    schedule(world.addQueue('fast', { batchTimeoutMs: 3 }), 'b');
    await world.clock.advance(3);
    expect(world.taken).toEqual(['fastb']);
    await world.endOne();
    await world.clock.advance(6);
    expect(world.taken).toEqual(['fastb', 'slowa']);
  });
});

describe('SharedBatchScheduler and tasks that can not run together', () => {
  const canJoin = (first: Task, task: Task): boolean => first.kind === task.kind;
  const x = { size: 1, kind: 'x' };
  const y = { size: 1, kind: 'y' };

  it('keeps a batch open for each kind, in one queue', async () => {
    const world = new World({ numBatchThreads: 2 });
    const queue = world.addQueue('', { canJoin });
    schedule(queue, { name: 'a', ...x }, { name: 'b', ...y }, { name: 'c', ...x }, { name: 'd', ...y });
    await settle();
    expect(world.taken).toEqual(['ac', 'bd']);
  });

  it('keeps the pieces of a task together, apart from the other kinds', async () => {
    const world = new World({ numBatchThreads: 9, maxBatchSize: 3, batchTimeoutMs: 1 });
    const split = (task: Task, sizes: readonly number[]): Task[] =>
      sizes.map((size, i) => ({ ...task, name: `${task.name}${i}`, size }));
    const queue = world.addQueue('', { canJoin, splitTask: split });
    schedule(queue, { name: 'a', ...x }, { name: 'b', ...y }, { name: 'L', size: 6, kind: 'x' });
    await world.clock.advance(1);
    expect(world.taken.sort()).toEqual(['L2', 'L1', 'aL0', 'b'].sort());
  });

  it('counts them together', () => {
    const world = new World({ numBatchThreads: 1, maxEnqueuedBatches: 1, batchTimeoutMs: 1 });
    const queue = world.addQueue('', { canJoin });
    schedule(queue, { name: 'a', ...x });
    expect(() => schedule(queue, { name: 'b', ...y })).toThrow('currently 1 batches enqueued');
  });
});

describe('SharedBatchScheduler and large tasks', () => {
  const options = { numBatchThreads: 4, maxBatchSize: 3, maxEnqueuedBatches: 3 };

  it('cuts them so that batches are full', () => {
    const world = new World(options);
    const queue = world.addQueue('', { splitTask });
    schedule(queue, 'a', { name: 'L', size: 7 });
    expect(world.taken).toEqual(['aL0', 'L1', 'L2']);
  });

  it('cuts one that would fit a batch of its own, but not the open one', () => {
    const world = new World(options);
    schedule(world.addQueue('', { splitTask }), { name: 'A', size: 2 }, { name: 'B', size: 3 });
    expect(world.taken).toEqual(['AB0', 'B1']);
  });

  it('lets a cut task begin with a batch of its own, and cuts none that fits a batch, where pieces do not fill up', async () => {
    const world = new World(options);
    const queue = world.addQueue('', { splitTask, fillsWithPieces: false });
    schedule(queue, { name: 'A', size: 2 }, { name: 'B', size: 3 }, 'c', { name: 'L', size: 4 });
    await settle();
    expect(world.taken).toEqual(['A', 'B', 'c', 'L0']);
    await world.endOne();
    expect(world.taken).toEqual(['A', 'B', 'c', 'L0', 'L1']);
  });

  it('takes one that no queue could hold while it has room, and none where splitting is off', () => {
    const world = new World({ ...options, numBatchThreads: 1 });
    const queue = world.addQueue('', { splitTask });
    schedule(queue, { name: 'A', size: 10 });
    expect(queue.numEnqueuedTasks).toBe(3);
    expect(() => schedule(queue, { name: 'B', size: 10 })).toThrow('is full; task size is 10');
    const whole = world.addQueue('', { splitTask, enableLargeBatchSplitting: false });
    expect(() => schedule(whole, { name: 'A', size: 4 })).toThrow(
      'Task size 4 is larger than maximum input batch size 3',
    );
  });

  it('takes no piece of a task that does not fit', () => {
    const world = new World({ ...options, numBatchThreads: 1 });
    const queue = world.addQueue('', { splitTask });
    schedule(queue, { name: 'A', size: 3 }, { name: 'B', size: 4 });
    expect(queue.schedulingCapacity).toBe(5);
    expect(() => schedule(queue, { name: 'C', size: 6 })).toThrow('task size is 6 but scheduling capacity is only 5');
    expect(queue.numEnqueuedTasks).toBe(2);
  });
});

describe('SharedBatchScheduler with priorities', () => {
  const sheddable = (name: string, size = 1): Task => ({ name, size, criticality: 'sheddable' });
  const options = { numBatchThreads: 1, maxBatchSize: 4, enablePriorityQueue: true };
  const blocker = { name: 'BLOCK', size: 4 };

  it.each([
    ['low_priority_padding_with_max_batch_size', ['aAwx', 'yz']],
    ['low_priority_padding_with_next_allowed_batch_size', ['aA', 'wxyz']],
    ['priority_isolation', ['aA', 'wxyz']],
    ['priority_merge', ['aAwx', 'yz']],
  ] as const)('mixes as %s says', async (mixedPriorityBatchingPolicy, expected) => {
    const world = new World({ ...options, allowedBatchSizes: [2, 4], mixedPriorityBatchingPolicy });
    const queue = world.addQueue();
    schedule(queue, blocker, sheddable('w'), sheddable('x'), sheddable('y'), sheddable('z'), 'a', 'A');
    for (let i = 0; i < 2; i++) await world.endOne();
    expect(world.taken.slice(1)).toEqual(expected);
  });

  it('merges into batches that are open still, and pads those that are closed too', async () => {
    const enqueue = (queue: BatchScheduler<Task>): void =>
      schedule(queue, blocker, { name: 'A', size: 3 }, { name: 'B', size: 3 }, sheddable('w'), sheddable('x'));
    const common = { ...options, enableLargeBatchSplitting: false };
    const merging = new World({ ...common, mixedPriorityBatchingPolicy: 'priority_merge' });
    enqueue(merging.addQueue());
    const padding = new World(common);
    enqueue(padding.addQueue());
    for (let i = 0; i < 3; i++) {
      await merging.endOne();
      if (i < 2) await padding.endOne();
    }
    expect(merging.taken).toEqual(['BLOCK', 'A', 'Bw', 'x']);
    expect(padding.taken).toEqual(['BLOCK', 'Aw', 'Bx']);
  });

  it('runs sheddable tasks after so many critical batches, even if more of these wait', async () => {
    const policy = { mixedPriorityBatchingPolicy: 'priority_isolation', lowPriorityReserve: 2 } as const;
    const world = new World({ ...options, ...policy, maxBatchSize: 1 });
    const queue = world.addQueue();
    schedule(queue, 'a', sheddable('x'), sheddable('y'), 'b', 'c', 'd', 'e');
    for (let i = 0; i < 6; i++) await world.endOne();
    expect(world.taken).toEqual(['a', 'b', 'c', 'x', 'd', 'e', 'y']);
  });

  it('has limits of their own for sheddable tasks, and room for critical ones when theirs is used up', async () => {
    const low = { maxExecutionBatchSize: 2, batchTimeoutMs: 5, maxEnqueuedBatches: 1 };
    const world = new World({ ...options, lowPriorityQueueOptions: low });
    const queue = world.addQueue();
    schedule(queue, sheddable('x'));
    await settle();
    expect(world.taken).toEqual([]);
    await world.clock.advance(5);
    expect(world.taken).toEqual(['x']);
    schedule(queue, sheddable('y'), sheddable('z'));
    expect(() => schedule(queue, sheddable('w'))).toThrow('is full');
    schedule(queue, 'a');
    expect(queue.numEnqueuedTasks).toBe(3);
  });
});

describe('SharedBatchScheduler and closing', () => {
  it('runs what waits without waiting longer, and is closed when that is over', async () => {
    const world = new World({ numBatchThreads: 1, batchTimeoutMs: 1000 });
    const queue = world.addQueue();
    schedule(queue, 'a', 'b');
    const closed = queue.close();
    expect(queue.close()).toBe(closed);
    expect(() => schedule(queue, 'c')).toThrow('closed');
    await settle();
    expect(world.taken).toEqual(['ab']);
    expect(await isSettled(closed)).toBe(false);
    await world.endOne();
    expect(await isSettled(closed)).toBe(true);
  });

  it('closes a queue at once in which nothing is, or from which the last task is removed', async () => {
    const world = new World({ numBatchThreads: 1 });
    await world.addQueue().close();
    const queue = world.addQueue();
    const task = { name: 'a', size: 1 };
    schedule(queue, task);
    const closed = queue.close();
    queue.remove(task);
    await closed;
  });

  it('closes every queue and takes no new one', async () => {
    const world = new World({ numBatchThreads: 2 });
    schedule(world.addQueue(), 'a');
    schedule(world.addQueue(), 'b');
    const closed = world.scheduler.close();
    await settle();
    await world.endOne();
    expect(await isSettled(closed)).toBe(false);
    await world.endOne();
    await closed;
    expect(() => world.addQueue()).toThrow('The batch scheduler is closed');
  });
});

describe('SharedBatchScheduler and its processors', () => {
  it('frees the thread of one that throws, and reports the error', async () => {
    const world = new World({ numBatchThreads: 1, maxBatchSize: 1 });
    let calls = 0;
    const queue = world.scheduler.addQueue({}, () => {
      calls++;
      throw new Error('broken');
    });
    schedule(queue, 'a', 'b');
    await settle();
    expect(calls).toBe(2);
    expect(world.errors).toEqual(['broken', 'broken']);
    expect(queue.isIdle).toBe(true);
  });

  it('lets the event loop go on between runs that are over at once', async () => {
    const { scheduler } = new World({ numBatchThreads: 4, maxBatchSize: 1 });
    let runs = 0;
    const queue = scheduler.addQueue({ maxEnqueuedBatches: 100 }, (_, release) => {
      runs++;
      release();
    });
    const blocked = scheduler.addQueue({}, () => {});
    schedule(blocked, 'a', 'b', 'c');
    schedule(queue, 'a');
    expect(runs).toBe(1);
    await settle();
    expect(runs).toBe(1);
  });

  it('is not confused by one that releases twice', async () => {
    const world = new World({ numBatchThreads: 1, maxBatchSize: 1 });
    const running: string[] = [];
    const queue = world.scheduler.addQueue({}, (batch, release) => {
      running.push(describeBatch(batch));
      if (running.length > 1) return;
      release();
      release();
    });
    schedule(queue, 'a', 'b', 'c');
    await settle();
    expect(running).toEqual(['a', 'b']);
  });
});
