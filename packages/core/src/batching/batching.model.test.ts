import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { floats, ManualServable, named } from '../../../test-doubles/src/manual-servable.js';
import { ManualClock, settle } from '../../../testing/src/manual-clock.js';
import { ServingError } from '../serving-error.js';
import type { NamedTensors } from '../tensor/tensor.js';
import type { BatchingOptions } from './batching-options.js';
import { type BatchingServable, batchingServable } from './batching-session.js';
import type { BatchingSessionTask } from './batching-session-task.js';
import { SharedBatchScheduler } from './scheduler/shared-batch-scheduler.js';

type Command =
  | {
      readonly do: 'request';
      readonly model: number;
      readonly signature: string;
      readonly rows: number;
      readonly width: number;
      readonly timeoutMs: number | undefined;
      readonly sheddable: boolean;
      readonly isBad: boolean;
    }
  | { readonly do: 'abort'; readonly which: number }
  | { readonly do: 'end a run'; readonly which: number; readonly fails: boolean }
  | { readonly do: 'advance'; readonly ms: number }
  | { readonly do: 'let happen' };

const commands: fc.Arbitrary<Command> = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.record({
      do: fc.constant('request' as const),
      model: fc.nat(1),
      signature: fc.constantFrom('double', 'double', 'double', 'other'),
      rows: fc.constantFrom(0, 1, 1, 1, 2, 3, 5, 9),
      width: fc.constantFrom(1, 1, 1, 2),
      timeoutMs: fc.constantFrom(undefined, undefined, 1, 4),
      sheddable: fc.boolean(),
      isBad: fc.constantFrom(false, false, false, true),
    }),
  },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('abort' as const), which: fc.nat(30) }) },
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constant('end a run' as const),
      which: fc.nat(3),
      fails: fc.constantFrom(false, false, true),
    }),
  },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('advance' as const), ms: fc.integer({ min: 1, max: 5 }) }) },
  { weight: 2, arbitrary: fc.constant({ do: 'let happen' as const }) },
);

interface WorldOptions extends BatchingOptions {
  readonly maxBatchSize: number;
  readonly numBatchThreads: number;
  /** Whether the models make so many runs at a time as there are threads, and let others wait. */
  readonly limitsRuns: boolean;
}

const allOptions: fc.Arbitrary<WorldOptions> = fc.record({
  limitsRuns: fc.boolean(),
  maxBatchSize: fc.integer({ min: 1, max: 6 }),
  batchTimeoutMs: fc.constantFrom(0, 0, 3),
  maxEnqueuedBatches: fc.integer({ min: 1, max: 4 }),
  numBatchThreads: fc.integer({ min: 1, max: 3 }),
  enableLargeBatchSplitting: fc.boolean(),
  padVariableLengthInputs: fc.boolean(),
  enablePriorityQueue: fc.boolean(),
  lowPriorityReserve: fc.constantFrom(false as const, 1, 3),
  mixedPriorityBatchingPolicy: fc.constantFrom(
    'low_priority_padding_with_max_batch_size',
    'low_priority_padding_with_next_allowed_batch_size',
    'priority_isolation',
    'priority_merge',
  ),
});

interface Request {
  /** Whether a run fails that has its values. */
  readonly isBad: boolean;
  readonly values: readonly number[];
  readonly expected: readonly number[];
  readonly abort: AbortController;
  readonly isLimited: boolean;
  settled: number;
}

/** Codes that a request may be refused or given up with. */
const refusals = [
  'UNAVAILABLE',
  'INVALID_ARGUMENT',
  'CANCELLED',
  'RESOURCE_EXHAUSTED',
  'DEADLINE_EXCEEDED',
  'INTERNAL',
];

/** Several models on one scheduler, and what is promised of them. */
class World {
  readonly #clock = new ManualClock();
  readonly #scheduler: SharedBatchScheduler<BatchingSessionTask>;
  readonly #models: readonly { readonly servable: ManualServable; readonly batched: BatchingServable }[];
  readonly #requests: Request[] = [];
  readonly #limits: WorldOptions;
  readonly #violations: string[] = [];
  readonly #badValues = new Set<number>();
  #nextValue = 1;

  constructor({ limitsRuns, ...options }: WorldOptions) {
    this.#limits = { limitsRuns, ...options };
    this.#scheduler = new SharedBatchScheduler(options, {
      clock: this.#clock,
      onError: (error) => this.#violations.push(error.message),
    });
    this.#models = [0, 1].map((model) => {
      const servable = new ManualServable();
      if (limitsRuns) servable.slots = { wantsNext: true };
      return {
        servable,
        batched: batchingServable(servable, this.#scheduler, { id: { name: `m${model}`, version: 1 } }),
      };
    });
  }

  async perform(command: Command): Promise<void> {
    switch (command.do) {
      case 'request':
        this.#request(command);
        break;
      case 'abort':
        this.#requests[command.which]?.abort.abort();
        break;
      case 'end a run':
        this.#endRun(command.which, command.fails);
        break;
      case 'advance':
        await this.#clock.advance(command.ms);
        break;
      case 'let happen':
        await settle();
        break;
    }
    this.#checkLimits();
  }

  /** Runs end, time goes on: everything must come to its end, and nothing may be left. */
  async comeToRest(): Promise<void> {
    for (let round = 0; round < 2000; round++) {
      if (this.#requests.every(({ settled }) => settled > 0) && this.#runs().length === 0) break;
      this.#endRun(round, false);
      await this.#clock.advance(1);
      this.#checkLimits();
    }
    await this.#scheduler.close();
    await settle();
    expect(this.#requests.map(({ settled }) => settled)).toEqual(this.#requests.map(() => 1));
    expect(this.#violations).toEqual([]);
    expect(this.#clock.pendingTimers).toBeLessThanOrEqual(this.#models.length);
  }

  #request({ model, signature, rows, width, timeoutMs, sheddable, isBad }: Command & { readonly do: 'request' }): void {
    const values = Array.from({ length: rows * width }, () => this.#nextValue++);
    const { servable, batched } = this.#models[model]!;
    if (isBad) for (const value of values) this.#badValues.add(value);
    const request: Request = {
      isBad,
      values,
      expected: values.map((value) => 2 * value),
      abort: new AbortController(),
      isLimited: timeoutMs !== undefined,
      settled: 0,
    };
    this.#requests.push(request);
    const options = {
      signal: request.abort.signal,
      criticality: sheddable ? ('sheddable' as const) : ('critical' as const),
      ...(timeoutMs !== undefined && { deadline: this.#clock.now() + timeoutMs }),
    };
    const inputs = named({ x: floats(values, width) });
    Promise.resolve(batched.run(servable.signatures.get(signature)!, inputs, options)).then(
      (outputs) => this.#checkOutputs(request, outputs, width),
      (error: unknown) => this.#checkError(request, error),
    );
  }

  #checkOutputs(request: Request, outputs: NamedTensors, width: number): void {
    request.settled++;
    const { shape, data } = outputs.z!;
    const kept = rowsOf(data as Float32Array, shape[1]!, width);
    if (request.isBad && request.values.length > 0) this.#violations.push(`${request.values} is bad and was answered`);
    if (String(kept) !== String(request.expected)) {
      this.#violations.push(`expected ${request.expected}, got ${kept}`);
    }
  }

  #checkError(request: Request, error: unknown): void {
    request.settled++;
    const code = error instanceof ServingError ? error.code : String(error);
    if (!refusals.includes(code)) this.#violations.push(`rejected with ${code}`);
    if (code === 'CANCELLED' && !request.abort.signal.aborted) this.#violations.push('cancelled without an abort');
    const message = error instanceof ServingError ? error.message : '';
    // Of a run that had no other request's values.
    const blamed = /^(bad values|run failed:) (.*)$/.exec(message);
    if (blamed?.[2]?.split(',').some((value) => !request.values.includes(Number(value)) && value !== '')) {
      this.#violations.push(`${request.values} was told of ${blamed[2]}`);
    }
    const isRefusal = /^(Task size |The batch scheduling queue to which this task was submitted is full)/.test(message);
    const isGivenUp = code === 'CANCELLED' || /EXCEEDED|EXHAUSTED/.test(code);
    if (!isRefusal && !isGivenUp && !(blamed && (request.isBad || blamed[1] !== 'bad values'))) {
      this.#violations.push(`${request.values} failed with ${message}`);
    }
    if (/EXCEEDED|EXHAUSTED/.test(code) && !request.isLimited) this.#violations.push('expired without a deadline');
  }

  #endRun(which: number, fails: boolean): void {
    const runs = this.#runs();
    const run = runs[which % runs.length];
    const values = [...new Set((run?.inputs.x?.data ?? []) as Float32Array)];
    const bad = values.filter((value) => this.#badValues.has(value));
    if (fails) run?.fail(new ServingError('INTERNAL', `run failed: ${values}`));
    else if (bad.length > 0) run?.fail(new ServingError('INVALID_ARGUMENT', `bad values ${bad}`));
    else run?.succeed();
  }

  #runs(): ManualServable['runs'] {
    return this.#models.flatMap(({ servable }) => servable.runs);
  }

  #checkLimits(): void {
    const { maxBatchSize, numBatchThreads, limitsRuns } = this.#limits;
    const sizes = this.#runs().map(({ inputs: { x } }) => {
      expect((x!.data as Float32Array).length).toBe(x!.shape[0]! * x!.shape[1]!);
      return x!.shape[0]!;
    });
    // One more where a queue holds several threads, and so for one thread never; and one that is handed over ahead.
    const most = limitsRuns ? numBatchThreads + 2 : numBatchThreads + (numBatchThreads > 1 ? 1 : 0);
    expect(sizes.length).toBeLessThanOrEqual(most);
    for (const size of sizes) expect(size).toBeLessThanOrEqual(maxBatchSize);
    expect(this.#violations).toEqual([]);
  }
}

/** A request's own values of rows that were padded to `paddedWidth`. */
function rowsOf(data: Float32Array, paddedWidth: number, width: number): number[] {
  return [...data].filter((_, i) => i % paddedWidth < width);
}

describe('batchingServable on a shared scheduler', () => {
  it('settles each request once, with its own rows, within all limits, whatever comes, goes and fails', async () => {
    await fc.assert(
      fc.asyncProperty(allOptions, fc.array(commands, { maxLength: 60, size: 'max' }), async (options, run) => {
        const world = new World(options);
        for (const command of run) await world.perform(command);
        await world.comeToRest();
      }),
      { numRuns: 600 },
    );
  });

  it('starves no queue while others are flooded', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 3 }),
        fc.integer({ min: 1, max: 4 }),
        async (threads, maxBatchSize) => {
          const clock = new ManualClock();
          const scheduler = new SharedBatchScheduler<BatchingSessionTask>(
            { numBatchThreads: threads, maxBatchSize, maxEnqueuedBatches: 50 },
            { clock },
          );
          const [flooded, quiet] = ['flooded', 'quiet'].map((name) => {
            const servable = new ManualServable();
            return { servable, batched: batchingServable(servable, scheduler, { id: { name, version: 1 } }) };
          });
          const request = ({ servable, batched }: NonNullable<typeof flooded>): Promise<NamedTensors> =>
            Promise.resolve(batched.run(servable.signatures.get('double')!, named({ x: floats([1]) })));
          for (let i = 0; i < 40; i++) void request(flooded!);
          let isAnswered = false;
          void request(quiet!).then(() => {
            isAnswered = true;
          });
          // One batch of the flooded queue may go before, then it is the quiet one's turn.
          for (let ended = 0; ended < 3 && !isAnswered; ended++) {
            void request(flooded!);
            (quiet!.servable.runs[0] ?? flooded!.servable.runs[0])?.succeed();
            await settle();
          }
          expect(isAnswered).toBe(true);
        },
      ),
      { numRuns: 20 },
    );
  });
});
