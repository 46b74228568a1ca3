import { describe, expect, it, onTestFinished } from 'vitest';
import { fakeSignature, ManualInlineServable, ManualServable } from '../../../../test-doubles/src/manual-servable.js';
import { settle } from '../../../../testing/src/manual-clock.js';
import { observeServing, type ServingObserver } from '../../diagnostics/observe-serving.js';
import type { Signature } from '../../servable/signature.js';
import { ServingError } from '../../serving-error.js';
import type { ErrorCode } from '../../status-code.js';
import type { BatchingOptions } from '../batching-options.js';
import type { BatchingSessionOptions } from '../batching-session.js';
import type { BatchingRunOptions } from '../batching-session-task.js';
import { PLACE, runsOf, World, z } from '../batching-world.test-support.js';

const isBad = (value: number): boolean => value < 0;

/** Ends the runs as they come: one with negative values fails and names them. */
class ChoosyWorld extends World<ManualServable> {
  /** What ran, in order. */
  readonly ran: number[][] = [];
  readonly code: ErrorCode;

  constructor(
    options: BatchingOptions = {},
    { code = 'INVALID_ARGUMENT', ...session }: Partial<BatchingSessionOptions> & { readonly code?: ErrorCode } = {},
  ) {
    super(new ManualServable(), { numBatchThreads: 1, ...options }, session);
    this.code = code;
  }

  /** Ends the runs that have begun, and those that follow from it. */
  async endAll(): Promise<void> {
    for (let round = 0; round < 200; round++) {
      await settle();
      if (this.servable.runs.length === 0) return;
      this.endOne();
    }
    expect.fail('runs follow without end');
  }

  endOne(): void {
    const run = this.servable.runs[0]!;
    const values = [...(run.inputs.x!.data as Float32Array)];
    this.ran.push(values);
    const bad = values.filter(isBad);
    if (bad.length === 0) run.succeed();
    else run.fail(new ServingError(this.code, `negative: ${bad}`));
  }

  /** A batch of requests with one row each. */
  async batchOf(values: readonly number[], options?: BatchingRunOptions): Promise<Promise<number[] | string>[]> {
    const answers = values.map((value) => answer(z(this.run([value], options))));
    await settle();
    return answers;
  }
}

async function answer(outputs: Promise<number[]>): Promise<number[] | string> {
  try {
    return await outputs;
  } catch (reason) {
    const { code, message } = reason as ServingError;
    return `${code}: ${message}`;
  }
}

describe('a batch that fails', () => {
  it('runs again in halves until only the guilty requests fail, each with its own error', async () => {
    const world = new ChoosyWorld();
    const answers = await world.batchOf([1, 2, -3, 4, 5, 6, 7, -8]);
    await world.endAll();
    expect(await Promise.all(answers)).toEqual([
      [2],
      [4],
      'INVALID_ARGUMENT: negative: -3',
      [8],
      [10],
      [12],
      [14],
      'INVALID_ARGUMENT: negative: -8',
    ]);
    expect(world.ran).toEqual([
      [1, 2, -3, 4, 5, 6, 7, -8],
      [1, 2, -3, 4],
      [1, 2],
      [-3],
      [4],
      [5, 6, 7, -8],
      [5, 6],
      [7],
      [-8],
    ]);
  });

  it.each<[ErrorCode, number]>([
    ['INVALID_ARGUMENT', 5],
    ['OUT_OF_RANGE', 5],
    ['FAILED_PRECONDITION', 5],
    ['NOT_FOUND', 5],
    ['DATA_LOSS', 5],
    ['INTERNAL', 5],
    ['UNKNOWN', 5],
    ['UNIMPLEMENTED', 5],
    ['ALREADY_EXISTS', 5],
    ['UNAVAILABLE', 1],
    ['RESOURCE_EXHAUSTED', 1],
    ['DEADLINE_EXCEEDED', 1],
    ['CANCELLED', 1],
    ['ABORTED', 1],
    ['PERMISSION_DENIED', 1],
    ['UNAUTHENTICATED', 1],
  ])('with %s makes %i runs of its three requests in all', async (code, runs) => {
    const world = new ChoosyWorld({}, { code });
    const answers = await world.batchOf([1, -2, 3]);
    await world.endAll();
    expect(world.ran.length).toBe(runs);
    const [first, second] = await Promise.all(answers);
    expect(second).toBe(`${code}: negative: -2`);
    expect(first).toEqual(runs === 1 ? second : [2]);
  });

  it('finds the request among the pieces of large ones, and joins those of the others', async () => {
    const world = new ChoosyWorld({ maxBatchSize: 4 });
    const busy = world.run([100]);
    await settle();
    const requests = [
      [1, 2, 3],
      [4, 5, 6, 7, -8, 9],
      [10, 11, 12],
    ].map((rows) => answer(z(world.run(rows))));
    await world.endAll();
    expect(await z(busy)).toEqual([200]);
    expect(await Promise.all(requests)).toEqual([[2, 4, 6], 'INVALID_ARGUMENT: negative: -8', [20, 22, 24]]);
  });

  it('is padded to allowed sizes in its parts too', async () => {
    const world = new ChoosyWorld({ maxBatchSize: 4, allowedBatchSizes: [2, 4] });
    const answers = await world.batchOf([1, 2, -3]);
    await world.endAll();
    expect(await Promise.all(answers)).toEqual([[2], [4], expect.stringContaining('negative: -3')]);
    expect(world.ran).toEqual([
      [1, 2, -3, -3],
      [1, 2],
      [-3, -3],
    ]);
  });

  it('leaves out requests that were given up meanwhile', async () => {
    const world = new ChoosyWorld();
    const abort = new AbortController();
    const limited = world.run([1], { deadline: world.clock.now() + 5 });
    const cancelled = world.run([2], { signal: abort.signal });
    const rest = [-3, 4].map((value) => answer(z(world.run([value]))));
    await settle();
    await world.clock.advance(5);
    abort.abort();
    world.endOne();
    await world.endAll();
    await expect(limited).rejects.toMatchObject({ code: 'DEADLINE_EXCEEDED' });
    await expect(cancelled).rejects.toMatchObject({ code: 'CANCELLED' });
    expect(await Promise.all(rest)).toEqual(['INVALID_ARGUMENT: negative: -3', [8]]);
    expect(world.ran).toEqual([[1, 2, -3, 4], [-3, 4], [-3], [4]]);
  });

  it('lets other queues have the thread between its parts', async () => {
    const world = new ChoosyWorld();
    const answers = await world.batchOf([1, -2]);
    const other = world.run([7], undefined, 'other');
    await world.endAll();
    expect(await z(other)).toEqual([14]);
    await Promise.all(answers);
    expect(world.ran.findIndex((values) => values[0] === 7)).toBeLessThan(world.ran.length - 1);
  });

  it('is finished before a session that closes is closed', async () => {
    const world = new ChoosyWorld();
    const answers = await world.batchOf([1, -2, 3]);
    const closed = world.batched.close();
    await world.endAll();
    await closed;
    expect(await Promise.all(answers)).toEqual([[2], 'INVALID_ARGUMENT: negative: -2', [6]]);
  });

  it('runs again in halves where runs are over within the call', async () => {
    const servable = new ManualInlineServable();
    const compute = servable.compute;
    servable.compute = (inputs) => {
      const bad = [...(inputs.x!.data as Float32Array)].filter(isBad);
      if (bad.length > 0) throw new ServingError('INVALID_ARGUMENT', `negative: ${bad}`);
      return compute(inputs);
    };
    const world = new World(servable, { batchTimeoutMs: 1, numBatchThreads: 1 });
    const answers = [1, -2, 3].map((value) => answer(z(world.run([value]))));
    await world.clock.advance(1);
    await settle();
    expect(await Promise.all(answers)).toEqual([[2], 'INVALID_ARGUMENT: negative: -2', [6]]);
  });

  it('does not run again where its signature keeps state, and quotes no other request', async () => {
    const servable = new ManualServable();
    (servable.signatures as Map<string, Signature>).set('double', {
      ...fakeSignature('double', ['x']),
      isStateful: true,
    });
    const rejected: string[] = [];
    onTestFinished(observeServing({ onBatchingRejection: ({ reason }) => rejected.push(reason) }));
    const world = new World(servable, {});
    const answers = [1, -2].map((value) => answer(z(world.run([value]))));
    await settle();
    servable.runs[0]!.fail(new ServingError('INVALID_ARGUMENT', 'negative: -2'));
    await settle();
    const text =
      'INVALID_ARGUMENT: The batch with this request failed with INVALID_ARGUMENT. Its signature keeps state, so it does not run ' +
      `again in parts; the message is omitted, as it may quote other requests ${PLACE}`;
    expect(await Promise.all(answers)).toEqual([text, text]);
    expect(runsOf(world)).toEqual([]);
    expect(rejected).toEqual(['batch_failed', 'batch_failed']);
    const alone = answer(z(world.run([-5])));
    await settle();
    servable.runs[0]!.fail(new ServingError('INVALID_ARGUMENT', 'negative: -5'));
    expect(await alone).toBe('INVALID_ARGUMENT: negative: -5');
  });

  it('reports each run, and which of them are parts', async () => {
    const events: unknown[] = [];
    const observer: ServingObserver = {
      onBatchingQueue: ({ size }) => events.push(['dequeued', size]),
      onBatchingRun: ({ tasks, isRerun }) => events.push([isRerun ? 'rerun' : 'batch', tasks]),
      onBatchingRejection: ({ reason }) => events.push(['rejected', reason]),
    };
    onTestFinished(observeServing(observer));
    const world = new ChoosyWorld();
    await Promise.all([await world.batchOf([1, -2]), world.endAll()]);
    expect(events).toEqual([
      ['dequeued', 1],
      ['dequeued', 1],
      ['batch', 2],
      ['rerun', 1],
      ['rerun', 1],
    ]);
  });

  it('has its good requests answered where good batches run between', async () => {
    const world = new ChoosyWorld();
    for (let i = 0; i < 40; i++) {
      for (let j = 0; j < 10; j++) {
        const good = await world.batchOf([1, 2, 3, 4]);
        await world.endAll();
        await Promise.all(good);
      }
      const mixed = await world.batchOf([1, -2, 3, 4]);
      await world.endAll();
      expect(await Promise.all(mixed)).toEqual([[2], 'INVALID_ARGUMENT: negative: -2', [6], [8]]);
    }
  });

  it('has later batches run in portions, and whole again when these succeed', async () => {
    const events: string[] = [];
    const observer: ServingObserver = {
      onBatchingQueue: ({ size }) => events.push(`dequeued ${size}`),
      onBatchingRun: ({ size, isRerun }) => events.push(`${isRerun ? 'again' : 'first'} ${size}`),
    };
    onTestFinished(observeServing(observer));
    const world = new ChoosyWorld();
    const run = async (values: readonly number[]): Promise<unknown[]> => {
      events.length = 0;
      const answers = await world.batchOf(values);
      await world.endAll();
      return Promise.all(answers);
    };
    for (let i = 0; i < 14; i++) await run([-1, 2, 3, 4, 5, 6, 7, 8]);
    expect(await run([1, 2, 3, 4, 5, 6, 7, 8])).toEqual([2, 4, 6, 8, 10, 12, 14, 16].map((value) => [value]));
    expect(events).toEqual([...Array.from({ length: 8 }, () => 'dequeued 1'), 'first 4', 'first 4']);
    for (let i = 0; i < 16; i++) await run([1, 2, 3, 4, 5, 6, 7, 8]);
    expect(events.slice(8)).toEqual(['first 8']);
  });
});

describe('a batch whose run ended its process', () => {
  const ended = (): ServingError =>
    new ServingError('UNAVAILABLE', "The model's process was ended by SIGABRT", { endedProcess: true });

  /** Runs that end their process where a value is negative. */
  async function endAll(world: World<ManualServable>): Promise<number[][]> {
    const ran: number[][] = [];
    for (let round = 0; round < 20; round++) {
      await settle();
      const run = world.servable.runs[0];
      if (!run) break;
      const values = [...(run.inputs.x!.data as Float32Array)];
      ran.push(values);
      if (values.some(isBad)) run.fail(ended());
      else run.succeed();
    }
    return ran;
  }

  it('runs each of its requests once more, alone, so that only the guilty one fails', async () => {
    const world = new World(new ManualServable(), { numBatchThreads: 1 });
    const answers = [1, -2, 3, 4].map((value) => answer(z(world.run([value]))));
    expect(await endAll(world)).toEqual([[1, -2, 3, 4], [1], [-2], [3], [4]]);
    expect(await Promise.all(answers)).toEqual([
      [2],
      "UNAVAILABLE: The model's process was ended by SIGABRT",
      [6],
      [8],
    ]);
  });

  it('runs a request again that was alone, as another run may have ended the process', async () => {
    const world = new World(new ManualServable(), { numBatchThreads: 1 });
    const outputs = world.run([5]);
    await settle();
    world.servable.runs[0]!.fail(ended());
    expect(await endAll(world)).toEqual([[5]]);
    expect(await z(outputs)).toEqual([10]);
  });

  it('does not run again where its signature keeps state', async () => {
    const servable = new ManualServable();
    const signature = { ...fakeSignature('double', ['x']), isStateful: true };
    (servable.signatures as Map<string, Signature>).set('double', signature);
    const world = new World(servable, { numBatchThreads: 1 });
    const answers = [1, -2].map((value) => answer(z(world.run([value]))));
    expect(await endAll(world)).toEqual([[1, -2]]);
    const text = "UNAVAILABLE: The model's process was ended by SIGABRT";
    expect(await Promise.all(answers)).toEqual([text, text]);
  });
});
