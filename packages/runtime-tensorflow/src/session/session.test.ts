import { systemClock } from '@serving/core/extend';
import { createTensor, type NamedTensors, StringArray, type Tensor } from '@serving/core/tensor';
import type { PreparedRun, SavedModelRuntime, Session } from '@serving/engine';
import { readMetaGraph } from '@serving/protos/saved-model';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { differences, fixturePath, referenceCases } from '../../../test-doubles/src/saved-model-fixtures.js';
import { tensorflowRuntime } from '../tensorflow-runtime.js';

const floats = (...values: number[]): Tensor => createTensor('float', [values.length], Float32Array.from(values));
const int = (value: number): Tensor => createTensor('int32', [], Int32Array.of(value));

/** A matrix product of the slow fixture takes some milliseconds; so this is about two seconds of work. */
const TWO_SECONDS = 400;

describe.each(['thread', 'inline'] as const)('a session whose runs are on the %s', (runMode) => {
  const runtime = tensorflowRuntime({ runMode });

  it.each(['dtypes', 'strings', 'multi', 'counter', 'lookup_insert', 'unknown_rank', 'odd_names'])(
    "answers like TensorFlow's own %s",
    async (model) => {
      const session = await runtime.load(fixturePath(model, 1), ['serve'], {});
      const { signatureDefs } = await readMetaGraph(fixturePath(model, 1), ['serve']);
      const wrong: string[] = [];
      for (const { signature, inputs, outputs } of referenceCases(model)) {
        const definition = signatureDefs.get(signature)!;
        const feeds = [...definition.inputs].filter(([alias]) => alias in inputs);
        const fetches = [...definition.outputs];
        const run = session.prepare(
          feeds.map(([, { name }]) => name!),
          fetches.map(([, { name }]) => name!),
        );
        const results = await run.run(feeds.map(([alias]) => inputs[alias]!));
        const named: NamedTensors = Object.create(null);
        for (const [i, [alias]] of fetches.entries()) named[alias] = results[i]!;
        wrong.push(...differences(named, outputs).map((line) => `${signature}: ${line}`));
      }
      expect(wrong).toEqual([]);
      await session.close();
    },
  );
});

describe('a run without waiting', () => {
  const load = (runMode: 'thread' | 'inline') =>
    tensorflowRuntime({ runMode }).load(fixturePath('half_plus_two', 123), ['serve'], {});

  it('has its results at hand where runs are inline', async () => {
    const session = await load('inline');
    const run = session.prepare(['x'], ['y']);
    expect(run.run([floats(1, 2, 5)])).toEqual([floats(2.5, 3, 4.5)]);
    await session.close();
    expect(() => run.run([floats(1)])).toThrow(expect.objectContaining({ code: 'FAILED_PRECONDITION' }));
  });

  it("keeps the bytes of TensorFlow's messages", async () => {
    const path = fixturePath('classify_regress', 1);
    const session = await tensorflowRuntime({ runMode: 'inline' }).load(path, ['serve'], {});
    const run = session.prepare(['tf_example'], ['scores']);
    const noExample = createTensor('string', [1], StringArray.from([Uint8Array.of(0xff, 0x61)]));
    expect(() => run.run([noExample])).toThrow("Could not parse example input, value: '\udcffa'");
    await session.close();
  });

  it("throws TensorFlow's error, and what is wrong with the call", async () => {
    const session = await load('inline');
    const run = session.prepare(['x'], ['y']);
    expect(() => run.run([int(1)])).toThrow(expect.objectContaining({ code: 'INVALID_ARGUMENT' }));
    expect(() => run.run([])).toThrow('Expected 1 inputs, got 0');
    // A run that was never counted out would keep the session from closing.
    await session.close();
  });

  it('is a promise where runs are on threads', async () => {
    const session = await load('thread');
    const running = session.prepare(['x'], ['y']).run([floats(1)]);
    expect(running).toBeInstanceOf(Promise);
    expect(await running).toEqual([floats(2.5)]);
    await session.close();
  });
});

describe('TensorFlowSession', () => {
  let runtime: SavedModelRuntime;
  let session: Session;

  beforeAll(async () => {
    runtime = tensorflowRuntime({ runMode: 'thread' });
    session = await runtime.load(fixturePath('half_plus_two', 123), ['serve'], { intraOpThreads: 1 });
  });
  afterAll(() => session.close());

  it.each([
    [['nothing:0'], ['y'], 'NOT_FOUND', 'FeedInputs: unable to find feed output nothing:0'],
    [['x'], ['nothing'], 'NOT_FOUND', 'FetchOutputs node nothing: not found'],
    [['x'], ['y:1'], 'INVALID_ARGUMENT', 'FetchOutputs y:1: output index too large, must be < 1'],
    [['x:3'], ['y'], 'INVALID_ARGUMENT', 'FeedInputs: x:3 should have output index < 1'],
    [['x', 'x:0'], ['y'], 'INVALID_ARGUMENT', 'Endpoint "x:0" fed more than once.'],
  ])('refuses to prepare feeds %j with fetches %j', (feeds, fetches, code, message) => {
    expect(() => session.prepare(feeds, fetches)).toThrow(expect.objectContaining({ code, message }));
  });

  it('refuses by name a tensor that has no values to read', async () => {
    const tables = await runtime.load(fixturePath('lookup_insert', 1), ['serve'], {});
    const fetch = 'MutableHashTableV2';
    expect(() => tables.prepare([], [fetch])).toThrow(
      expect.objectContaining({ code: 'UNIMPLEMENTED', message: expect.stringContaining(`${fetch} is DT_RESOURCE`) }),
    );
    await tables.close();
  });

  it('fetches one tensor twice when two names ask for it', async () => {
    const [first, second] = await session.prepare(['x'], ['y', 'y:0']).run([floats(2)]);
    expect(first).toEqual(floats(3));
    expect(second).toEqual(first);
    expect(second!.data).not.toBe(first!.data);
  });

  it('passes empty tensors', async () => {
    const [y] = await session.prepare(['x'], ['y']).run([createTensor('float', [0, 7], new Float32Array())]);
    expect(y).toEqual(createTensor('float', [0, 7], new Float32Array()));
  });

  it('passes as many dimensions as TensorFlow has', async () => {
    const shape = Array<number>(254).fill(1);
    const echo = await runtime.load(fixturePath('unknown_rank', 1), ['serve'], {});
    const definition = (await readMetaGraph(fixturePath('unknown_rank', 1), ['serve'])).signatureDefs.get(
      'serving_default',
    )!;
    const run = echo.prepare([[...definition.inputs.values()][0]!.name!], [[...definition.outputs.values()][0]!.name!]);
    expect(await run.run([createTensor('float', shape, Float32Array.of(2))])).toEqual([
      createTensor('float', shape, Float32Array.of(4)),
    ]);
    const tooMany: Tensor = { dtype: 'float', shape: [...shape, 1], data: Float32Array.of(1) };
    await expect(run.run([tooMany])).rejects.toMatchObject({
      code: 'INVALID_ARGUMENT',
      message: expect.stringContaining('at most 254 dimensions'),
    });
    await echo.close();
  });

  it('runs on views of larger arrays', async () => {
    const view = new Float32Array([1, 2, 3, 4]).subarray(1, 3);
    const [y] = await session.prepare(['x'], ['y']).run([createTensor('float', [2], view)]);
    expect(y).toEqual(floats(3, 3.5));
  });

  it.each([
    ['too few values', { dtype: 'float', shape: [2, 2], data: Float32Array.of(1) }],
    ['another array type', { dtype: 'float', shape: [1], data: Float64Array.of(1) }],
    ['strings', { dtype: 'float', shape: [1], data: StringArray.from(['1']) }],
    ['numbers for strings', { dtype: 'string', shape: [1], data: Uint8Array.of(1) }],
    ['a negative dimension', { dtype: 'float', shape: [-1], data: Float32Array.of(1) }],
  ])('refuses a tensor with %s, naming the input', async (_, tensor) => {
    await expect(session.prepare(['x:0'], ['y']).run([tensor as Tensor])).rejects.toMatchObject({
      code: 'INVALID_ARGUMENT',
      message: expect.stringContaining('Input x:0: '),
    });
  });

  it('refuses another number of values than feeds', async () => {
    await expect(session.prepare(['x'], ['y']).run([])).rejects.toMatchObject({
      code: 'INVALID_ARGUMENT',
      message: 'Expected 1 inputs, got 0',
    });
  });

  it("rejects with TensorFlow's code and message", async () => {
    await expect(session.prepare(['x'], ['y']).run([int(1)])).rejects.toMatchObject({
      code: 'INVALID_ARGUMENT',
      message: 'Expects arg[0] to be float but int32 is provided',
    });
    await expect(session.prepare([], ['y']).run([])).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' });
  });

  it("rejects a load with TensorFlow's code and message", async () => {
    await expect(runtime.load(fixturePath('half_plus_two', 123), ['gpu'], {})).rejects.toMatchObject({
      code: 'NOT_FOUND',
      message: expect.stringContaining('Could not find meta graph def matching supplied tags: { gpu }'),
    });
    await expect(runtime.load(fixturePath('half_plus_two'), ['serve'], {})).rejects.toMatchObject({
      code: 'NOT_FOUND',
      message: expect.stringContaining('Could not find SavedModel .pb or .pbtxt'),
    });
  });

  it('refuses runs and preparations after it was closed, and closes twice', async () => {
    const other = await runtime.load(fixturePath('half_plus_two', 124), ['serve'], {});
    const run = other.prepare(['x'], ['y']);
    const last = run.run([floats(2)]);
    await Promise.all([other.close(), other.close()]);
    expect(await last).toEqual([floats(4)]);
    await expect(run.run([floats(2)])).rejects.toMatchObject({ code: 'FAILED_PRECONDITION' });
    expect(() => other.prepare(['x'], ['y'])).toThrow('The session is closed');
  });

  it('keeps strings of earlier requests in tables over thousands of runs', async () => {
    const tables = await runtime.load(fixturePath('lookup_insert', 1), ['serve'], {});
    const { signatureDefs } = await readMetaGraph(fixturePath('lookup_insert', 1), ['serve']);
    const prepare = (signature: string, inputs: string[], output: string): PreparedRun => {
      const definition = signatureDefs.get(signature)!;
      return tables.prepare(
        inputs.map((alias) => definition.inputs.get(alias)!.name!),
        [definition.outputs.get(output)!.name!],
      );
    };
    const insert = prepare('insert', ['key', 'value'], 'size');
    const lookUp = prepare('serving_default', ['key'], 'value');
    const strings = (...texts: string[]): Tensor => createTensor('string', [texts.length], StringArray.from(texts));
    const keys = Array.from({ length: 3000 }, (_, i) => `key ${i} ${'long '.repeat(i % 20)}`);
    const values = keys.map((key, i) => `value of ${key}${'and more '.repeat(i % 7)}`);
    for (const [i, key] of keys.entries()) await insert.run([strings(key), strings(values[i]!)]);
    expect(await lookUp.run([strings(...keys, 'milk')])).toEqual([strings(...values, 'not here')]);
    await tables.close();
  });
});

describe('a run of two seconds', () => {
  const runtime = tensorflowRuntime({ maxConcurrentRuns: 1 });
  let session: Session;
  let run: PreparedRun;

  beforeAll(async () => {
    session = await runtime.load(fixturePath('slow', 1), ['serve'], {});
    run = session.prepare(['serving_default_iterations', 'serving_default_x'], ['PartitionedCall']);
    await run.run([int(1), floats(1)]);
  });
  afterAll(() => session.close());

  it('leaves the event loop free', async () => {
    let ticks = 0;
    const timer = setInterval(() => ticks++, 10);
    await run.run([int(TWO_SECONDS), floats(1)]);
    clearInterval(timer);
    // A blocked loop would have one, when the run is over.
    expect(ticks).toBeGreaterThan(5);
  });

  it('is given up at once when the caller aborts, and the session closes after it', async () => {
    const aborting = new AbortController();
    const startedAt = systemClock.now();
    const slow = run.run([int(100), floats(1)], { signal: aborting.signal });
    const waiting = run.run([int(1), floats(1)], { signal: aborting.signal });
    const after = run.run([int(1), floats(1)]);
    aborting.abort();
    await expect(slow).rejects.toMatchObject({ code: 'CANCELLED' });
    await expect(waiting).rejects.toMatchObject({ code: 'CANCELLED' });
    const gaveUpAfter = systemClock.now() - startedAt;
    expect(await after).toEqual([floats(2)]);
    expect(systemClock.now() - startedAt).toBeGreaterThan(gaveUpAfter);
  });

  it('is given up when its deadline passes', async () => {
    const late = run.run([int(50), floats(1)], { deadline: systemClock.now() + 20 });
    await expect(late).rejects.toMatchObject({
      code: 'DEADLINE_EXCEEDED',
      message: 'Timed out waiting for notification',
    });
    await expect(run.run([int(1), floats(1)], { deadline: systemClock.now() - 1 })).rejects.toMatchObject({
      code: 'DEADLINE_EXCEEDED',
    });
    await expect(run.run([int(1), floats(1)], { signal: AbortSignal.abort() })).rejects.toMatchObject({
      code: 'CANCELLED',
    });
  });
});
