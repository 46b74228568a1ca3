import { describe, expect, it } from 'vitest';
import { ManualClock, settle } from '../../../../testing/src/manual-clock.js';
import type { Signature } from '../../servable/signature.js';
import { ServingError } from '../../serving-error.js';
import type { NamedTensors } from '../../tensor/tensor.js';
import type { BatchingOptions } from '../batching-options.js';
import { batchingServable } from '../batching-session.js';
import type { BatchingRunOptions, BatchingSessionTask } from '../batching-session-task.js';
import { FakeServable, floats, named } from '../fake-servable.test-support.js';
import { SharedBatchScheduler } from '../scheduler/shared-batch-scheduler.js';

/** What a run takes, in milliseconds. */
const costOf = (rows: number): number => rows + 3;

/** Runs take their time. One with negative values fails and names them. */
class TimedServable extends FakeServable {
  readonly #clock: ManualClock;
  /** Of all runs together. */
  cost = 0;

  constructor(clock: ManualClock) {
    super();
    this.#clock = clock;
  }

  override run(signature: Signature, inputs: NamedTensors): NamedTensors | Promise<NamedTensors> {
    const outputs = super.run(signature, inputs);
    const run = this.runs.at(-1)!;
    const values = inputs.x!.data as Float32Array;
    const cost = costOf(values.length);
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
  #nextValue = 1;
  /** Requests without an answer. */
  waiting = 0;
  /** How many requests had each answer; values that are not the request's own stay in it. */
  readonly answers = new Map<string, number>();

  constructor(options: BatchingOptions) {
    this.#scheduler = new SharedBatchScheduler({ maxBatchSize: 32, numBatchThreads: 1, ...options }, this);
  }

  addModel(name: string) {
    const servable = new TimedServable(this.clock);
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

const MIXES: readonly (readonly [name: string, period: number, maxCost: number])[] = [
  ['one in 128 bad', 128, 1.6],
  ['one in 32 bad', 32, 2.25],
  ['one in eight bad', 8, 3.3],
  ['every other one bad', 2, 3.9],
  ['all bad', 1, 4],
];

describe('a flood of bad requests', () => {
  it.each(MIXES)('with %s fails no good one, and each bad one with its own error', async (_, period, maxCost) => {
    const count = 2048;
    for (const numBatchThreads of [1, 3]) {
      const flood = async (every: number): Promise<number> => {
        const world = new FloodedWorld({ numBatchThreads });
        const model = world.addModel('m');
        world.closedLoop(model, 64, count, every);
        await world.finish();
        const bad = Array.from({ length: count }, (_, i) => isBad(i + 1, every)).filter(Boolean).length;
        expect(world.answers.get('good answered') ?? 0).toBe(count - bad);
        expect(world.answers.get('bad INVALID_ARGUMENT: negative: itself') ?? 0).toBe(bad);
        return model.servable.cost;
      };
      expect((await flood(period)) / (await flood(Number.POSITIVE_INFINITY))).toBeLessThanOrEqual(maxCost);
    }
  });

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
