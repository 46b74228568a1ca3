import { readdirSync, readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ServingError } from '@serving/core';
import { type ModelProcessEvent, observeServing } from '@serving/core/diagnostics';
import { type Clock, systemClock } from '@serving/core/extend';
import { StringArray, type Tensor } from '@serving/core/tensor';
import { afterEach, beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import type { LoadedFor, Session, SessionRunOptions } from '../runtime/saved-model-runtime.js';
import { isolateRuntime } from './isolate-runtime.js';
import type { ModelProcessOptions } from './isolation-options.js';
import { Ask, type ScriptedLoads, scriptedRuntime } from './scripted-engine.test-support.js';

const id = { name: 'm', version: 1 };
let sessions: Session[] = [];
let events: ModelProcessEvent[] = [];
let stopEvents: () => void;
let waits: { readonly isMet: () => boolean; readonly resolve: () => void }[] = [];

beforeEach(() => {
  stopEvents = observeServing({
    onModelProcess: (event) => {
      events.push(event);
      for (const { isMet, resolve } of waits) if (isMet()) resolve();
    },
  });
});

afterEach(async () => {
  await Promise.all(sessions.map((session) => session.close()));
  stopEvents();
  [sessions, events, waits] = [[], [], []];
});

/** Resolves when so many processes have loaded a model. */
function started(count: number): Promise<void> {
  const isMet = (): boolean => events.filter(({ kind }) => kind === 'started').length >= count;
  return new Promise((resolve) => {
    if (isMet()) resolve();
    else waits.push({ isMet, resolve });
  });
}

async function load(
  loads: ScriptedLoads = {},
  options: ModelProcessOptions = {},
  loadedFor: LoadedFor = {},
): Promise<Session> {
  const runtime = isolateRuntime(scriptedRuntime(loads), options);
  const session = await runtime.load('/models/m/1', ['serve'], { intraOpThreads: 3 }, { id, ...loadedFor });
  sessions.push(session);
  return session;
}

/** A file that counts loads. */
async function loadCounter(): Promise<{ readonly counter: string }> {
  const folder = await mkdtemp(join(tmpdir(), 'isolation-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  return { counter: join(folder, 'loads') };
}

const floats = (...values: number[]): Tensor => ({
  dtype: 'float',
  shape: [values.length],
  data: Float32Array.from(values),
});

const ask = (what: keyof typeof Ask): Tensor => floats(Ask[what], 5);

function runOf(session: Session): (value: Tensor, options?: SessionRunOptions) => Promise<number[]> {
  const prepared = session.prepare(['x:0'], ['y:0']);
  return async (value, options) => {
    const [result] = await prepared.run([value], options);
    return [...(result!.data as Float32Array)];
  };
}

const failure = (promise: Promise<unknown>): Promise<string> =>
  promise.then(
    (value) => `no failure: ${JSON.stringify(value)}`,
    (error: unknown) => `${ServingError.from(error).code}: ${ServingError.from(error).message}`,
  );

function bytesOf({ data }: Tensor): Buffer {
  if ('offsets' in data) {
    const strings = Array.from({ length: data.length }, (_, i) => data.at(i));
    return Buffer.concat([Buffer.from(strings.map(({ length }) => length).join()), ...strings]);
  }
  return Buffer.from(data.buffer, data.byteOffset, data.byteLength);
}

const lastPid = (): number => events.findLast(({ kind }) => kind === 'started')!.pid!;

describe('a session in a process of its own', () => {
  it('runs there, and says what the session says', async () => {
    const session = await load();
    expect(session.engine).toBe('scripted');
    expect(session.unbatchedSignatures).toEqual(new Set(['one by one']));
    expect(lastPid()).not.toBe(process.pid);
    expect(await runOf(session)(floats(1, 2, 3))).toEqual([2, 4, 6]);
    const [threads] = await session.prepare(['options'], ['y:0']).run([floats(1)]);
    expect(threads!.data).toEqual(Int32Array.of(3));
  });

  it('hands tensors of every kind over and back', async () => {
    const run = (await load()).prepare(['x:0'], ['y:0']);
    const large = new Uint8Array(2 ** 20).map((_, i) => i);
    const tensors: Tensor[] = [
      { dtype: 'double', shape: [], data: Float64Array.of(0.1) },
      { dtype: 'int64', shape: [0, 3], data: new BigInt64Array(0) },
      { dtype: 'int64', shape: [2], data: BigInt64Array.of(-1n, 2n ** 60n) },
      { dtype: 'bool', shape: [3], data: Uint8Array.of(1, 0, 1) },
      { dtype: 'complex64', shape: [1], data: Float32Array.of(1, -2) },
      { dtype: 'string', shape: [3], data: StringArray.from(['', 'tea', new Uint8Array([0xff])]) },
      { dtype: 'string', shape: [1], data: StringArray.from(['a', 'bc', 'd']).subarray(1, 2) },
      { dtype: 'uint8', shape: [2 ** 20], data: large },
      { dtype: 'string', shape: [2], data: StringArray.from([large, 'y']) },
    ];
    for (const tensor of tensors) {
      const [result] = await run.run([tensor]);
      expect([result!.dtype, result!.shape]).toEqual([tensor.dtype, tensor.shape]);
      expect(bytesOf(result!).equals(bytesOf(tensor))).toBe(true);
    }
  });

  it('makes many runs at once, each with its own results', async () => {
    const run = runOf(await load());
    const sizes = Array.from({ length: 200 }, (_, i) => (i % 7 === 0 ? 5000 : 2));
    const results = await Promise.all(sizes.map((size, i) => run(floats(...new Array<number>(size).fill(i + 1)))));
    for (const [i, result] of results.entries()) {
      expect(result).toHaveLength(sizes[i]!);
      expect(result[sizes[i]! - 1]).toBe(2 * (i + 1));
    }
  });

  it("rejects with the engine's errors, of a choice of tensors and of a run", async () => {
    const session = await load();
    expect(await failure(Promise.resolve(session.prepare(['missing'], []).run([floats(1)])))).toBe(
      'INTERNAL: no tensor missing',
    );
    const run = runOf(session);
    expect(await failure(run(ask('fail')))).toBe('INTERNAL: the kernel failed');
    expect(await failure(Promise.resolve(session.prepare(['x'], []).run([])))).toBe(
      'INVALID_ARGUMENT: Expected 1 inputs, got 0',
    );
    expect(await run(floats(1))).toEqual([2]);
  });

  it('ends the wait of a run that is aborted, before and while it runs', async () => {
    const run = runOf(await load());
    expect(await failure(run(floats(1), { signal: AbortSignal.abort() }))).toMatch(/^CANCELLED/);
    const controller = new AbortController();
    const hanging = failure(run(ask('hang'), { signal: controller.signal }));
    expect(await run(floats(1))).toEqual([2]);
    controller.abort();
    expect(await hanging).toMatch(/^CANCELLED/);
    expect(await failure(run(floats(1), { deadline: 0 }))).toMatch(/^DEADLINE_EXCEEDED/);
  });

  it('describes the engine from another process', async () => {
    expect(await isolateRuntime(scriptedRuntime()).describe()).toMatchObject({ name: 'scripted', devices: ['CPU'] });
  });

  it("has few of the host's variables, no descriptor of its, its niceness, and gains no privileges", async () => {
    process.env.ISOLATION_TEST_SECRET = 'not for models';
    onTestFinished(() => {
      delete process.env.ISOLATION_TEST_SECRET;
    });
    const session = await load({}, { niceness: 5, env: { OWN: 'x' } });
    const [variables, descriptors, niceness, noNewPrivileges] = await runOf(session)(ask('inspect'));
    expect([descriptors, niceness, noNewPrivileges]).toEqual([0, 5, 1]);
    const environment = readFileSync(`/proc/${lastPid()}/environ`, 'latin1').split('\0').filter(Boolean);
    expect(environment.some((text) => text.startsWith('ISOLATION_TEST_SECRET'))).toBe(false);
    expect(environment).toContain('OWN=x');
    expect(environment).toHaveLength(variables!);
  });

  it('leaves no process and no descriptor behind when it is closed', async () => {
    const descriptors = (): number => readdirSync('/proc/self/fd').length;
    await (await load()).close();
    const before = descriptors();
    const session = await load();
    const pid = lastPid();
    await runOf(session)(floats(...new Array<number>(5000).fill(1)));
    await session.close();
    expect(() => process.kill(pid, 0)).toThrow('ESRCH');
    expect(descriptors()).toBe(before);
    expect(await failure(runOf(await load())(floats(1)).then(() => session.prepare([], [])))).toBe(
      'FAILED_PRECONDITION: The session is closed',
    );
  });

  it('refuses an engine that can not be made elsewhere', () => {
    const { source, ...runtime } = scriptedRuntime();
    expect(source).toBeDefined();
    expect(() => isolateRuntime(runtime)).toThrow('The engine "scripted" can\'t run in a process of its own');
  });
});

describe('a process that ends', () => {
  it.each(['SIGABRT', 'SIGSEGV', 'SIGKILL'] as const)('by %s fails its run, and is started again', async (signal) => {
    const run = runOf(await load());
    const hanging = failure(run(ask('hang')));
    expect(await run(floats(1))).toEqual([2]);
    process.kill(lastPid(), signal);
    expect(await hanging).toBe(`UNAVAILABLE: The model's process was ended by ${signal} (model m version 1)`);
    expect(await run(floats(2))).toEqual([4]);
    expect(events.map(({ kind, signal: by }) => by ?? kind)).toEqual(['started', signal, 'started']);
  });

  it('while it is idle is started again, and knows the choices of tensors', async () => {
    const run = runOf(await load());
    expect(await run(floats(1))).toEqual([2]);
    process.kill(lastPid(), 'SIGKILL');
    await started(2);
    expect(await run(floats(1))).toEqual([2]);
  });

  it('by its own exit tells the code, and its last lines', async () => {
    const run = runOf(await load());
    const error = await run(ask('exit')).then(() => undefined, ServingError.from);
    expect(error).toMatchObject({
      code: 'UNAVAILABLE',
      message: "The model's process ended with exit code 7 (model m version 1)",
      endedProcess: true,
    });
    expect(error!.hint).toContain('first line | last line');
  });

  it('while it loads is started again', async () => {
    const loads = { ...(await loadCounter()), abortAt: [1, 2] };
    expect(await runOf(await load(loads))(floats(3))).toEqual([6]);
    expect(events.map(({ kind }) => kind)).toEqual(['ended', 'ended', 'started']);
  });

  it('lets runs that come meanwhile wait', async () => {
    const run = runOf(await load());
    const aborted = failure(run(ask('abort')));
    expect(await aborted).toMatch(/SIGABRT/);
    expect(await Promise.all([run(floats(1)), run(floats(2))])).toEqual([[2], [4]]);
  });

  it('more often than allowed ends the session, for good and with the reason', async () => {
    const ended: string[] = [];
    const session = await load({}, { maxDeathsPerMinute: 1 }, { onEnded: ({ message }) => ended.push(message) });
    const run = runOf(session);
    expect(await failure(run(ask('abort')))).toMatch(/^UNAVAILABLE: The model's process was ended by SIGABRT/);
    const last = [failure(run(ask('abort'))), failure(run(floats(1), { isSuspect: true }))];
    await Promise.all(last);
    const reason =
      "The model's process ended 2 times within a minute (maxDeathsPerMinute is 1); the last time it was ended by SIGABRT (model m version 1)";
    expect(ended).toEqual([reason]);
    expect(await last[1]).toBe(`UNAVAILABLE: ${reason}`);
    expect(await failure(run(floats(1)))).toBe(`UNAVAILABLE: ${reason}`);
  });

  it('more often than allowed before it has loaded rejects the load', async () => {
    const loads = { ...(await loadCounter()), abortAt: [1, 2, 3] };
    expect(await failure(load(loads, { maxDeathsPerMinute: 1 }))).toMatch(
      /^UNAVAILABLE: The model's process ended 2 times within a minute/,
    );
  });

  it('fails what waits when the model can not be loaded again, and tries once more', async () => {
    const run = runOf(await load({ ...(await loadCounter()), failAt: [2] }));
    expect(await failure(run(ask('abort')))).toMatch(/SIGABRT/);
    expect(await failure(run(floats(1)))).toBe(
      'UNAVAILABLE: The model could not be loaded again: the model is broken (model m version 1)',
    );
    expect(await run(floats(1))).toEqual([2]);
  });

  it('is warmed up before it takes the runs of others, and knows choices of tensors that came meanwhile', async () => {
    const order: string[] = [];
    let meanwhile: Promise<number[]> | undefined;
    const warmUpAgain = async (warm: Session): Promise<void> => {
      const run = runOf(warm);
      order.push(`warm-up: ${await run(floats(4))}`);
      meanwhile = runOf(session)(floats(5));
      order.push(`warm-up: ${await run(floats(6))}, ${events.length} events`);
    };
    const session = await load({}, {}, { warmUpAgain });
    const run = runOf(session);
    expect(order).toEqual([]);
    expect(await failure(run(ask('abort')))).toMatch(/SIGABRT/);
    order.push(`run: ${await run(floats(1))}`);
    expect(order).toEqual(['warm-up: 8', 'warm-up: 12, 2 events', 'run: 2']);
    expect(await meanwhile).toEqual([10]);
    expect(events.map(({ kind }) => kind)).toEqual(['started', 'ended', 'started']);
  });

  it('while it is warmed up again is started again', async () => {
    let warmUps = 0;
    const left: Promise<string>[] = [];
    const warmUpAgain = async (warm: Session): Promise<void> => {
      const run = runOf(warm);
      if (++warmUps > 1) return;
      left.push(failure(run(ask('abort'))));
      await left[0];
      left.push(failure(run(floats(1))));
      await left[1];
    };
    const run = runOf(await load({}, {}, { warmUpAgain }));
    expect(await failure(run(ask('abort')))).toMatch(/SIGABRT/);
    expect(await run(floats(2))).toEqual([4]);
    expect(await Promise.all(left)).toEqual([
      "UNAVAILABLE: The model's process was ended by SIGABRT (model m version 1)",
      "UNAVAILABLE: The model's process has ended",
    ]);
    expect(events.map(({ kind }) => kind)).toEqual(['started', 'ended', 'ended', 'started']);
  });

  it('whose warm-up fails is not used', async () => {
    let warmUps = 0;
    const warmUpAgain = async (warm: Session): Promise<void> => {
      if (++warmUps === 1) await runOf(warm)(ask('fail'));
    };
    const run = runOf(await load({}, {}, { warmUpAgain }));
    expect(await failure(run(ask('abort')))).toMatch(/SIGABRT/);
    expect(await failure(run(floats(1)))).toBe(
      'UNAVAILABLE: The model could not be loaded again: the kernel failed (model m version 1)',
    );
    expect(await run(floats(1))).toEqual([2]);
    expect(events.map(({ kind, reason }) => reason ?? kind)).toEqual([
      'started',
      'ended',
      'the model could not be loaded again: the kernel failed',
      'started',
    ]);
  });

  it('takes a suspect run with no other, so that none fails with it', async () => {
    const run = runOf(await load());
    const others = [run(ask('later')), run(ask('later'))];
    const suspect = failure(run(ask('abort'), { isSuspect: true }));
    const later = [run(floats(1)), run(floats(2))];
    expect(await Promise.all(others)).toEqual([
      [Ask.later, 5],
      [Ask.later, 5],
    ]);
    expect(await suspect).toMatch(/SIGABRT/);
    expect(await Promise.all(later)).toEqual([[2], [4]]);
  });

  it('is ended by a run that takes longer than it may; only that run is late', async () => {
    const run = runOf(await load({}, { maxRunMs: 50 }));
    expect(await failure(run(ask('hang')))).toBe(
      'DEADLINE_EXCEEDED: The run took longer than maxRunMs (50); its process was ended (model m version 1)',
    );
    expect(await run(floats(1))).toEqual([2]);
  });

  it('is ended when it holds more memory than it may, with the reason', async () => {
    const atOnce: Clock = { ...systemClock, setTimer: (callback) => systemClock.setTimer(callback, 0) };
    const options = { memoryLimitBytes: 2 ** 20, maxDeathsPerMinute: 0 };
    const loading = isolateRuntime(scriptedRuntime(), options, atOnce).load('/models/m/1', [], {}, { id });
    expect(await failure(loading)).toMatch(
      /the last time it was ended: it held \d+ bytes of memory \(memoryLimitBytes is 1048576\)/,
    );
  });

  it('by an error of the engine at the first load rejects with it', async () => {
    const loads = { ...(await loadCounter()), failAt: [1] };
    expect(await failure(load(loads))).toBe('INTERNAL: the model is broken');
    expect(events).toEqual([]);
  });

  it('is given up when its load is aborted', async () => {
    const controller = new AbortController();
    const loading = failure(load({ ...(await loadCounter()), hangAt: [1] }, {}, { signal: controller.signal }));
    await new Promise(setImmediate);
    controller.abort();
    expect(await loading).toMatch(/^(CANCELLED|FAILED_PRECONDITION)/);
  });

  it('while it is closed is not started again', async () => {
    const session = await load();
    const pid = lastPid();
    const closing = session.close();
    process.kill(pid, 'SIGKILL');
    await closing;
    expect(events.map(({ kind }) => kind)).toEqual(['started']);
  });
});
