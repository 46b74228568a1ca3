import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { ServingError } from '@serving/core';
import { type Clock, systemClock } from '@serving/core/extend';
import { createTensor, type NamedTensors, type Tensor } from '@serving/core/tensor';
import type { SavedModelRuntime, Session } from '@serving/engine';
import { readMetaGraph } from '@serving/protos/saved-model';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  differences,
  fixturePath,
  type ReferenceCase,
  referenceCases,
} from '../../test-doubles/src/saved-model-fixtures.js';
import { describeWithAddon } from './addon.test-support.js';
import { packageUrl, runModule } from './child-process.test-support.js';
import { tfjsNodeRuntime } from './tfjs-node-runtime.js';

/** Models whose signatures have only types that the addon knows. */
const RUNNABLE = [
  'half_plus_two',
  'half_plus_two_tf2',
  'pbtxt',
  'two_tag_sets',
  'digits',
  'digit_pictures',
  'unknown_rank',
  'echo',
  'image',
  'odd_names',
  'strings',
  'constants',
  'lookup_table',
  'lookup_insert',
  'classify_regress',
  'counter',
  'placeholder_default',
  'composite',
  'slow',
  'mlp',
] as const;

const float = (...values: number[]): Tensor => createTensor('float', [values.length], Float32Array.from(values));
const scalar = (value: number): Tensor => createTensor('int32', [], Int32Array.of(value));
const failure = (running: unknown): Promise<unknown> =>
  Promise.resolve(running).then(undefined, (error: unknown) => error);

describeWithAddon('TfjsNodeRuntime', () => {
  let runtime: SavedModelRuntime;

  beforeAll(() => {
    runtime = tfjsNodeRuntime();
  });

  afterAll(async () => {
    await runtime.close?.();
  });

  const load = (model: string, version = 1): Promise<Session> =>
    runtime.load(fixturePath(model, version), ['serve'], {});

  it('tells the version of the library that it runs on', async () => {
    const description = await runtime.describe();
    expect(description.name).toBe('tfjs-node');
    expect(description.libraryVersion).toMatch(/^\d+\.\d+\.\d+/);
    expect(description.libraryPath).toContain('libtensorflow');
    expect(description.devices[0]).toContain('CPU:0');
  });

  it.each(RUNNABLE)("answers TensorFlow's own values for %s", async (model) => {
    const cases = referenceCases(model).filter(({ usesDefaults }) => !usesDefaults);
    expect(cases.length).toBeGreaterThan(0);
    for (const version of new Set(cases.map((one) => one.version))) {
      const session = await load(model, version);
      for (const one of cases.filter((candidate) => candidate.version === version)) {
        const outputs = await runCase(session, one);
        expect(differences(outputs, one.outputs), `${model} ${version} ${one.signature}`).toEqual([]);
      }
      await session.close();
    }
  });

  it.each([
    ['nowhere', 'NOT_FOUND', 'Could not find SavedModel'],
    ['gpu_tag', 'NOT_FOUND', 'Could not find meta graph def matching supplied tags: { serve }'],
    ['broken/truncated', 'DATA_LOSS', 'saved_model.pb'],
    ['broken/not_a_proto', 'DATA_LOSS', 'saved_model.pb'],
    ['broken/missing_variables_data', 'NOT_FOUND', 'variables.data-00000-of-00001; No such file or directory'],
    ['broken/truncated_variables', 'OUT_OF_RANGE', 'Read less bytes than requested'],
    ['broken/missing_asset', 'NOT_FOUND', 'vocabulary.txt; No such file or directory'],
  ])('refuses %s with %s, and other models go on', async (model, code, text) => {
    const other = await load('half_plus_two', 123);
    expect(await failure(load(model))).toMatchObject({ code, message: expect.stringContaining(text) });
    const [y] = await other.prepare(['x:0'], ['y:0']).run([float(1)]);
    expect(y).toEqual(float(2.5));
    await other.close();
  });

  it('runs many requests that are made at once, each with its own answer', async () => {
    const session = await load('half_plus_two', 123);
    const prepared = session.prepare(['x'], ['y', 'y']);
    const answers = await Promise.all(Array.from({ length: 200 }, (_, i) => prepared.run([float(i)])));
    for (const [i, answer] of answers.entries()) expect(answer).toEqual([float(i / 2 + 2), float(i / 2 + 2)]);
    await session.close();
  });

  it('leaves the values that it is given alone, also views of larger arrays', async () => {
    const session = await load('half_plus_two', 123);
    const all = Float32Array.of(9, 1, 2, 9);
    const value = createTensor('float', [2], all.subarray(1, 3));
    expect(await session.prepare(['x:0'], ['y:0']).run([value])).toEqual([float(2.5, 3)]);
    expect(all).toEqual(Float32Array.of(9, 1, 2, 9));
    await session.close();
  });

  it('refuses names that no signature has and a name fed twice', async () => {
    const session = await load('half_plus_two', 123);
    const code = (feeds: string[], fetches: string[]): string => {
      try {
        session.prepare(feeds, fetches);
        return 'OK';
      } catch (error) {
        return ServingError.from(error).code;
      }
    };
    expect(code(['z:0'], ['y:0'])).toBe('NOT_FOUND');
    expect(code(['x:0'], ['x:0'])).toBe('NOT_FOUND');
    expect(code(['x:0', 'x'], ['y:0'])).toBe('INVALID_ARGUMENT');
    await session.close();
  });

  it("passes TensorFlow's message on when it refuses a run, and refuses wrong values itself", async () => {
    const session = await load('strings');
    const { inputs, outputs } = (await readMetaGraph(fixturePath('strings', 1), ['serve'])).signatureDefs.get('join')!;
    const prepared = session.prepare([inputs.get('words')!.name!], [outputs.get('sentence')!.name!]);
    const flat = createTensor('string', [0], referenceCases('strings')[3]!.inputs.text!.data as never);
    expect(await failure(prepared.run([flat]))).toMatchObject({
      code: 'INVALID_ARGUMENT',
      message: expect.stringMatching(/dimension|rank/i),
    });
    expect(await failure(prepared.run([float(1)]))).toMatchObject({
      code: 'INVALID_ARGUMENT',
      message: expect.stringContaining('to be string but float is provided'),
    });
    expect(await failure(prepared.run([]))).toMatchObject({ code: 'INVALID_ARGUMENT' });
    await session.close();
  });

  describe('with a slow model', () => {
    const feeds = ['serving_default_iterations:0', 'serving_default_x:0'];
    const fetches = ['PartitionedCall:0'];

    it('leaves the event loop free: turns of the loop pass before the run resolves', async () => {
      const session = await load('slow');
      const order: string[] = [];
      const run = session.prepare(feeds, fetches).run([scalar(200), float(1)]);
      const ran = Promise.resolve(run).then(() => order.push('the run'));
      for (let turn = 1; turn <= 3; turn++) {
        await nextTurn();
        order.push(`turn ${turn}`);
      }
      await ran;
      expect(order).toEqual(['turn 1', 'turn 2', 'turn 3', 'the run']);
      await session.close();
    });

    it('gives up at once on abort, before or after the run has begun, and goes on with the others', async () => {
      const session = await load('slow');
      const prepared = session.prepare(feeds, fetches);
      const [first, third] = [new AbortController(), new AbortController()];
      const settled: string[] = [];
      const run = (name: string, iterations: number, signal?: AbortSignal): Promise<unknown> =>
        failure(prepared.run([scalar(iterations), float(0)], signal ? { signal } : {})).finally(() =>
          settled.push(name),
        );
      const runs = [run('first', 60, first.signal), run('second', 1), run('third', 60, third.signal), run('fourth', 2)];
      first.abort();
      third.abort();
      const [firstError, second, thirdError, fourth] = await Promise.all(runs);
      expect(firstError).toMatchObject({ code: 'CANCELLED' });
      expect(thirdError).toMatchObject({ code: 'CANCELLED' });
      expect([second, fourth]).toEqual([[float(1)], [float(2)]]);
      expect(settled.slice(0, 2).sort()).toEqual(['first', 'third']);
      const aborted = AbortSignal.abort();
      expect(await failure(prepared.run([scalar(1), float(0)], { signal: aborted }))).toMatchObject({
        code: 'CANCELLED',
      });
      await session.close();
    });

    it('waits in close() for the runs in flight, then refuses further ones', async () => {
      const session = await load('slow');
      const prepared = session.prepare(feeds, fetches);
      let finished = 0;
      const runs = [20, 21, 22].map((iterations) =>
        Promise.resolve(prepared.run([scalar(iterations), float(0)])).then(() => {
          finished++;
        }),
      );
      await session.close();
      expect(finished).toBe(3);
      await Promise.all(runs);
      expect(await failure(prepared.run([scalar(1), float(0)]))).toMatchObject({ code: 'FAILED_PRECONDITION' });
      await session.close();
    });

    it('gives up when the deadline passes on its clock', async () => {
      let expire: (() => void) | undefined;
      let now = 0;
      const clock: Clock = {
        ...systemClock,
        now: () => now,
        setTimer: (callback) => {
          expire = callback;
          return () => undefined;
        },
      };
      const timed = tfjsNodeRuntime({ clock });
      const session = await timed.load(fixturePath('slow', 1), ['serve'], {});
      const run = failure(session.prepare(feeds, fetches).run([scalar(60), float(0)], { deadline: 1000 }));
      now = 1000;
      expire!();
      expect(await run).toMatchObject({
        code: 'DEADLINE_EXCEEDED',
        message: 'Timed out waiting for notification',
      });
      await timed.close?.();
    });
  });

  it('gives the process back its exit code and prints nothing, with models loaded and runs in flight', async () => {
    const text = (end: string): string => `
      import { tfjsNodeRuntime } from ${JSON.stringify(packageUrl)};
      const session = await tfjsNodeRuntime().load(${JSON.stringify(fixturePath('slow', 1))}, ['serve'], {});
      const prepared = session.prepare(['serving_default_iterations:0', 'serving_default_x:0'], ['PartitionedCall:0']);
      const run = (iterations) => prepared.run([
        { dtype: 'int32', shape: [], data: Int32Array.of(iterations) },
        { dtype: 'float', shape: [1], data: Float32Array.of(1) },
      ]);
      ${end}`;
    const ends = ['await run(1); process.exitCode = 3;', 'run(50); setTimeout(() => process.exit(3), 50);'];
    for (const end of ends) expect(await runModule(text(end))).toEqual({ code: 3, stdout: '', stderr: '' });
  });

  it('refuses calls after close()', async () => {
    const closed = tfjsNodeRuntime();
    const session = await closed.load(fixturePath('echo', 1), ['serve'], {});
    await closed.close?.();
    await closed.close?.();
    expect(await failure(closed.describe())).toMatchObject({ code: 'FAILED_PRECONDITION' });
    expect(await failure(closed.load(fixturePath('echo', 1), ['serve'], {}))).toMatchObject({
      code: 'FAILED_PRECONDITION',
    });
    await session.close();
  });
});

describe('TfjsNodeRuntime', () => {
  it.each([
    ['multi', /input "scale" \(DT_DOUBLE\) of "serving_default"/],
    ['dtypes', /put "\w+" \(DT_\w+\) of "\w+" and \d+ more\. /],
  ])('refuses %s by the names of its signatures, tensors and data types', async (model, text) => {
    const runtime = tfjsNodeRuntime();
    const error = await failure(runtime.load(fixturePath(model, 1), ['serve'], {}));
    expect(error).toBeInstanceOf(ServingError);
    expect(error).toMatchObject({ code: 'UNIMPLEMENTED', message: expect.stringMatching(text) });
    expect(error).toMatchObject({ message: expect.stringContaining('Use @serving/runtime-tensorflow') });
  });

  it('tells what to do when tfjs-node is not there', async () => {
    const runtime = tfjsNodeRuntime({ packageName: '@serving/not-installed' });
    expect(await failure(runtime.load(fixturePath('echo', 1), ['serve'], {}))).toMatchObject({
      code: 'FAILED_PRECONDITION',
      message: expect.stringMatching(/@serving\/not-installed .*is not installed/),
    });
    await runtime.close?.();
  });

  it('answers UNAVAILABLE when its thread ends by itself, and starts another one for the next call', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'tfjs-node-'));
    const packageName = join(folder, 'ending.cjs');
    await writeFile(packageName, 'process.exit(5);');
    const runtime = tfjsNodeRuntime({ packageName });
    const calls = await Promise.all([failure(runtime.describe()), failure(runtime.describe())]);
    for (const error of calls) expect(error).toMatchObject({ code: 'UNAVAILABLE' });
    await writeFile(packageName, "throw new Error('no addon');");
    expect(await failure(runtime.describe())).toMatchObject({
      code: 'FAILED_PRECONDITION',
      message: expect.stringContaining('no addon'),
    });
    await runtime.close?.();
    await rm(folder, { recursive: true });
  });

  it("estimates a model's memory as 1.2 times its files", async () => {
    const runtime = tfjsNodeRuntime();
    const bytes = await runtime.estimateBytes(fixturePath('half_plus_two', 123));
    expect(bytes).toBeGreaterThan(1.2 * 3000);
    expect(bytes).toBeLessThan(1.2 * 100_000);
    expect(await failure(runtime.estimateBytes(fixturePath('nowhere')))).toMatchObject({ code: 'NOT_FOUND' });
  });
});

async function runCase(session: Session, one: ReferenceCase): Promise<NamedTensors> {
  const { signatureDefs } = await readMetaGraph(fixturePath(one.model, one.version), ['serve']);
  const { inputs, outputs } = signatureDefs.get(one.signature)!;
  const [feeds, fetches] = [Object.keys(one.inputs), Object.keys(one.outputs)];
  const prepared = session.prepare(
    feeds.map((alias) => inputs.get(alias)!.name!),
    fetches.map((alias) => outputs.get(alias)!.name!),
  );
  const results = await prepared.run(feeds.map((alias) => one.inputs[alias]!));
  const named = Object.create(null) as NamedTensors;
  for (const [i, alias] of fetches.entries()) named[alias] = results[i]!;
  return named;
}

describeWithAddon("the threads of tfjs-node's TensorFlow", () => {
  // Linux alone lists the threads of a process as files.
  it.runIf(process.platform === 'linux')('are as many as the session options ask for', async () => {
    const threads = async (calls: string): Promise<number> => {
      const { stdout, stderr } = await runModule(`
        import { readdirSync } from 'node:fs';
        import { tfjsNodeRuntime } from ${JSON.stringify(packageUrl)};
        const runtime = tfjsNodeRuntime();
        const load = (session) => runtime.load(${JSON.stringify(fixturePath('half_plus_two', 123))}, ['serve'], session);
        ${calls}
        console.log(readdirSync('/proc/self/task').length);
        await runtime.close();`);
      expect(stderr).toMatch(
        calls.includes('20') ? /\[SERVING_THREAD_POOLS\].*Threads=20 has no effect.* made with 9\./ : /^$/,
      );
      return Number(stdout);
    };
    const few = await threads('await load({ intraOpThreads: 2 });');
    expect((await threads('await load({ intraOpThreads: 9 });')) - few).toBe(7);
    const configured = 'runtime.configure({ intraOpThreads: 9 }); await runtime.describe(); await load({});';
    expect((await threads(configured)) - few).toBe(7);
    const late = 'await load({ intraOpThreads: 9 }); await load({ intraOpThreads: 20 });';
    expect((await threads(late)) - few).toBe(7);
  });
});
