import { describe, expect, it } from 'vitest';
import { floats, ManualServable, named } from '../../../../test-doubles/src/manual-servable.js';
import { ManualClock, settle } from '../../../../testing/src/manual-clock.js';
import type { Signature } from '../../servable/signature.js';
import { ServingError } from '../../serving-error.js';
import type { NamedTensors } from '../../tensor/tensor.js';
import type { BatchingOptions } from '../batching-options.js';
import { batchingServable } from '../batching-session.js';
import type { BatchingRunOptions, BatchingSessionTask } from '../batching-session-task.js';
import { SharedBatchScheduler } from '../scheduler/shared-batch-scheduler.js';

/** Runs take a millisecond for each row, and some more. One with negative values fails and names them. */
class TimedServable extends ManualServable {
  readonly #clock: ManualClock;
  readonly #costPerRun: number;
  /** Of all runs together. */
  cost = 0;

  constructor(clock: ManualClock, costPerRun: number) {
    super();
    this.#clock = clock;
    this.#costPerRun = costPerRun;
  }

  override run(signature: Signature, inputs: NamedTensors): NamedTensors | Promise<NamedTensors> {
    const outputs = super.run(signature, inputs);
    const run = this.runs.at(-1)!;
    const values = inputs.x!.data as Float32Array;
    const cost = values.length + this.#costPerRun;
    this.cost += cost;
    this.#clock.setTimer(() => {
      const bad = values.filter((value) => value < 0);
      if (bad.length === 0) run.succeed();
      else run.fail(new ServingError('INVALID_ARGUMENT', `negative: ${bad}`));
    }, cost);
    return outputs;
  }
}

/** Models on one scheduler, and clients that ask them. */
class FloodedWorld {
  readonly clock = new ManualClock();
  readonly #scheduler: SharedBatchScheduler<BatchingSessionTask>;
  readonly #costPerRun: number;
  #nextValue = 1;
  /** Requests without an answer. */
  waiting = 0;
  /** How many requests had each answer; values that are not the request's own stay in it. */
  readonly answers = new Map<string, number>();

  /** @param costPerRun what a run takes beside its rows, in rows */
  constructor(options: BatchingOptions, costPerRun = 3) {
    this.#costPerRun = costPerRun;
    this.#scheduler = new SharedBatchScheduler({ maxBatchSize: 32, numBatchThreads: 1, ...options }, this);
  }

  addModel(name: string) {
    const servable = new TimedServable(this.clock, this.#costPerRun);
    const batched = batchingServable(servable, this.#scheduler, { id: { name, version: 1 } });
    return {
      servable,
      send: async (isBad: boolean, options?: BatchingRunOptions): Promise<void> => {
        const value = this.#nextValue++ * (isBad ? -1 : 1);
        let answer = isBad ? 'bad answered' : 'good answered';
        this.waiting += 1;
        try {
          await batched.run(servable.signatures.get('double')!, named({ x: floats([value]) }), options);
        } catch (error) {
          const { code, message } = error as ServingError;
          const place = ` (model ${name} version 1, signature "double")`;
          answer = `${isBad ? 'bad' : 'good'} ${code}: ${message.replace(place, '').replace(/;.*/, '').replace(String(value), 'itself')}`;
        }
        this.waiting -= 1;
        this.answers.set(answer, (this.answers.get(answer) ?? 0) + 1);
      },
    };
  }

  /** Sends requests by so many clients, each one after the other. */
  closedLoop(model: ReturnType<FloodedWorld['addModel']>, clients: number, count: number, period: number): void {
    let sent = 0;
    const client = async (): Promise<void> => {
      while (sent < count) {
        sent += 1;
        await model.send(isBad(sent, period));
      }
    };
    for (let i = 0; i < clients; i++) void client();
  }

  /** Lets time go on until all requests are answered. */
  async finish(): Promise<void> {
    while (this.waiting > 0) await this.pass(1);
  }

  /** Lets time go on, and what is due at one time happen before the next. */
  async pass(ms: number): Promise<void> {
    for (let i = 0; i < ms; i++) {
      await this.clock.advance(1);
      await settle();
    }
  }
}

/** Whether the n-th request is bad, of which every `period`th one is, at places without a pattern. */
function isBad(n: number, period: number): boolean {
  const mixed = Math.imul(n, 0x9e3779b1);
  return Math.imul(mixed ^ (mixed >>> 15), 0x85ebca6b) >>> 0 < 2 ** 32 / period;
}

/** Requests whose cost is measured. */
const COUNTED = 1024;

/**
 * The least that any order of runs costs, in rows, for each request of which this share is bad: a run has one of two outcomes, each
 * bad request runs alone, and each row runs.
 */
function leastCost(badShare: number, costPerRun: number): number {
  const bits = badShare === 1 ? 0 : -badShare * Math.log2(badShare) - (1 - badShare) * Math.log2(1 - badShare);
  return 1 + costPerRun * Math.max(bits, badShare);
}

const MIXES: readonly (readonly [name: string, period: number])[] = [
  ['one in 128 bad', 128],
  ['one in 32 bad', 32],
  ['one in 16 bad', 16],
  ['one in eight bad', 8],
  ['one in four bad', 4],
  ['every other one bad', 2],
  ['all bad', 1],
];

describe('a flood of bad requests', () => {
  it.each(MIXES)('with %s fails no good one, and each bad one with its own error', async (_, period) => {
    const count = 1024;
    for (const options of [{ maxBatchSize: 8 }, { numBatchThreads: 3 }, { maxBatchSize: 128 }]) {
      const world = new FloodedWorld(options);
      const model = world.addModel('m');
      world.closedLoop(model, 64, count, period);
      await world.finish();
      const bad = Array.from({ length: count }, (_, i) => isBad(i + 1, period)).filter(Boolean).length;
      expect(world.answers.get('good answered') ?? 0).toBe(count - bad);
      expect(world.answers.get('bad INVALID_ARGUMENT: negative: itself') ?? 0).toBe(bad);
    }
  });

  /** Of one request, when the share of bad ones is known. */
  const costOf = async (costPerRun: number, maxBatchSize: number, period: number): Promise<number> => {
    const world = new FloodedWorld({ maxBatchSize }, costPerRun);
    const model = world.addModel('m');
    let costBefore = 0;
    for (const count of [512, COUNTED]) {
      costBefore = model.servable.cost;
      world.closedLoop(model, 64, count, period);
      await world.finish();
    }
    return (model.servable.cost - costBefore) / COUNTED;
  };

  it.each(MIXES)(
    'with %s costs at most twice what good ones cost, where a run costs less than a row more',
    async (_, period) => {
      for (const maxBatchSize of [8, 128]) {
        const good = await costOf(0.9, maxBatchSize, Number.POSITIVE_INFINITY);
        expect((await costOf(0.9, maxBatchSize, period)) / good).toBeLessThanOrEqual(2);
      }
    },
  );

  it.each(MIXES)(
    'with %s costs at most half more than any order of runs must, where runs cost more',
    async (_, period) => {
      const bad = Array.from({ length: COUNTED }, (_, i) => isBad(i + 1, period)).filter(Boolean).length;
      const cost = await costOf(3, 32, period);
      expect(cost / leastCost(bad / COUNTED, 3)).toBeLessThanOrEqual(1.5);
    },
  );

  it.each(MIXES)('with %s leaves another model half of the rate beside good ones, or more', async (_, period) => {
    const rateOf = async (every: number): Promise<number> => {
      const world = new FloodedWorld({});
      const [flooded, quiet] = [world.addModel('flooded'), world.addModel('quiet')];
      world.closedLoop(flooded, 64, Number.POSITIVE_INFINITY, every);
      await world.pass(200);
      world.closedLoop(quiet, 1, Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY);
      await world.pass(1000);
      return quiet.servable.runCount;
    };
    expect(await rateOf(period)).toBeGreaterThanOrEqual((await rateOf(Number.POSITIVE_INFINITY)) / 2);
  });

  it.each(MIXES)(
    'with %s beyond what can be run is refused where it comes, and no good one later',
    async (_, period) => {
      const world = new FloodedWorld({ maxEnqueuedBatches: 4 });
      const model = world.addModel('m');
      for (let i = 1; i <= 4000; i++) {
        void model.send(isBad(i, period));
        if (i % 8 === 0) await world.pass(1);
        expect(world.waiting).toBeLessThanOrEqual((4 + 1 + 1) * 32);
      }
      await world.finish();
      const answers = [...world.answers.keys()];
      expect(answers.filter((answer) => answer.startsWith('good')).sort()).toEqual(
        [
          'good UNAVAILABLE: The batch scheduling queue to which this task was submitted is full',
          'good answered',
        ].slice(period === 1 ? 2 : 0),
      );
      expect(answers.filter((answer) => answer.startsWith('bad')).sort()).toEqual([
        'bad INVALID_ARGUMENT: negative: itself',
        'bad UNAVAILABLE: The batch scheduling queue to which this task was submitted is full',
      ]);
    },
  );
});
