import { describe, expect, it } from 'vitest';
import { ManualClock, settle } from '../../../../testing/src/manual-clock.js';
import type { BatchingOptions } from '../batching-options.js';
import type { BatchPart, BatchScheduler, BatchTask, QueueOptions } from './batch-scheduler.js';
import { SharedBatchScheduler } from './shared-batch-scheduler.js';

interface Task extends BatchTask {
  readonly name: string;
}

class Part implements BatchPart<Task> {
  readonly tasks: readonly Task[];
  readonly size: number;
  readonly waitingSize: number;
  goesFirst: boolean;

  constructor(name: string, goesFirst: boolean, waitingSize = 1) {
    this.tasks = [{ name, size: 1 }];
    this.size = 1;
    this.goesFirst = goesFirst;
    this.waitingSize = waitingSize;
  }
}

/** A queue for single tasks by default, whose batches end when the test says so, and leave parts then. */
class PartsWorld {
  readonly clock = new ManualClock();
  readonly queue: BatchScheduler<Task>;
  /** Names of the tasks that were taken, batch by batch. */
  readonly taken: string[] = [];
  readonly #running: ((...parts: Part[]) => void)[] = [];

  constructor(options: BatchingOptions = {}, queueOptions: QueueOptions<Task> = {}) {
    const scheduler = new SharedBatchScheduler<Task>({ maxBatchSize: 1, numBatchThreads: 1, ...options }, this);
    this.queue = scheduler.addQueue(queueOptions, ({ tasks }, release, again) => {
      this.taken.push(tasks.map(({ name }) => name).join(''));
      this.#running.push((...parts) => {
        for (const part of parts) again(part);
        release();
      });
    });
  }

  schedule(...names: readonly string[]): void {
    for (const name of names) this.queue.schedule({ name, size: 1 });
  }

  async endOne(...parts: Part[]): Promise<void> {
    this.#running.shift()!(...parts);
    await settle();
  }

  async endAll(): Promise<void> {
    await settle();
    while (this.#running.length > 0) await this.endOne();
  }
}

describe('A part of a batch', () => {
  it('runs before batches that have not run yet where it goes first, otherwise after them', async () => {
    const world = new PartsWorld();
    world.schedule('a', 'b', 'c');
    await world.endOne(new Part('later', false), new Part('first', true));
    await world.endAll();
    expect(world.taken).toEqual(['a', 'first', 'b', 'c', 'later']);
  });

  it('goes first as soon as it may', async () => {
    const world = new PartsWorld();
    const part = new Part('part', false);
    world.schedule('a', 'b', 'c');
    await world.endOne(part);
    part.goesFirst = true;
    await world.endAll();
    expect(world.taken).toEqual(['a', 'b', 'part', 'c']);
  });

  it('does not wait for a batch that waits for more tasks', async () => {
    const world = new PartsWorld({ maxBatchSize: 2, batchTimeoutMs: 5 });
    world.schedule('a', 'b', 'c');
    await world.endOne(new Part('part', false));
    expect(world.taken).toEqual(['ab', 'part']);
    await world.endOne();
    await world.clock.advance(5);
    expect(world.taken).toEqual(['ab', 'part', 'c']);
  });

  it('runs where no other batch waits, and while the queue closes', async () => {
    const world = new PartsWorld();
    world.schedule('a');
    const closed = world.queue.close();
    await world.endOne(new Part('part', false));
    expect(world.taken).toEqual(['a', 'part']);
    await world.endAll();
    await closed;
  });

  it('is handed over ahead only where it goes first', async () => {
    const ahead = async (goesFirst: boolean): Promise<string[]> => {
      const world = new PartsWorld({ maxBatchSize: 2, numBatchThreads: 2 }, { engineSlots: { wantsNext: true } });
      world.schedule('a', 'b', 'c', 'd', 'e');
      await world.endOne(new Part('p', goesFirst), new Part('q', goesFirst));
      return world.taken;
    };
    expect(await ahead(true)).toEqual(['ab', 'cd', 'p', 'q']);
    expect(await ahead(false)).toEqual(['ab', 'cd', 'e']);
  });

  it('takes the room of the full batches that what waits would be', async () => {
    const world = new PartsWorld({ maxBatchSize: 4, maxEnqueuedBatches: 3 });
    world.schedule('a', 'b', 'c', 'd');
    await world.endOne(new Part('p', false), new Part('q', false, 3), new Part('r', false, 2));
    expect(world.taken).toEqual(['abcd', 'p']);
    world.schedule('e', 'f', 'g', 'h');
    expect(() => world.schedule('i')).toThrow(/is full; currently 3 batches enqueued and max_enqueued_batches is 3/);
    await world.endAll();
    world.schedule('i');
    await world.endAll();
    expect(world.taken).toEqual(['abcd', 'p', 'efgh', 'q', 'r', 'i']);
  });
});
