import { ServingError } from '@serving/core';
import { observeServing } from '@serving/core/diagnostics';
import { StringArray, type Tensor } from '@serving/core/tensor';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { Session, SessionRunOptions } from '../../runtime/saved-model-runtime.js';
import { isolateRuntime } from '../isolate-runtime.js';
import type { ModelProcessOptions } from '../isolation-options.js';
import { Ask, scriptedRuntime } from '../scripted-engine.test-support.js';
import { openSharedSession } from './thread-session.js';

interface Loaded {
  readonly owner: Session;
  /** As two other threads have it. */
  readonly sessions: readonly [Session, Session];
  /** Of the process that runs now. */
  readonly pid: () => number;
}

async function load(options: ModelProcessOptions = {}): Promise<Loaded> {
  const pids: number[] = [];
  onTestFinished(
    observeServing({
      onModelProcess: ({ kind, pid }) => {
        if (kind === 'started') pids.push(pid!);
      },
    }),
  );
  const runtime = isolateRuntime(scriptedRuntime(), options);
  const owner = await runtime.load('/models/m/1', ['serve'], {}, { id: { name: 'm', version: 1 } });
  const open = async (): Promise<Session> => openSharedSession(structuredCloneOf(owner.share!()!));
  const sessions = [await open(), await open()] as const;
  onTestFinished(async () => {
    await Promise.all(sessions.map((session) => session.close()));
    await owner.close();
  });
  return { owner, sessions, pid: () => pids.at(-1)! };
}

/** What another thread is sent. */
function structuredCloneOf({ data, transfer }: NonNullable<ReturnType<NonNullable<Session['share']>>>): unknown {
  return structuredClone(data, { transfer: [...(transfer ?? [])] as never });
}

const floats = (...values: number[]): Tensor => ({
  dtype: 'float',
  shape: [values.length],
  data: Float32Array.from(values),
});

function bytesOf({ data }: Tensor): Buffer {
  if (!('offsets' in data)) return Buffer.copyBytesFrom(data as Uint8Array);
  return Buffer.concat([Buffer.copyBytesFrom(data.offsets), Buffer.from(data.bytes)]);
}

async function run(session: Session, value: Tensor, options?: SessionRunOptions): Promise<Tensor> {
  const [result] = await session.prepare(['x:0'], ['y:0']).run([value], options);
  return result!;
}

const failure = (promise: Promise<unknown>): Promise<ServingError> =>
  promise.then(() => expect.unreachable(), ServingError.from);

describe('an isolated session in another thread', () => {
  it('runs in the process, side by side with the others', async () => {
    const { owner, sessions } = await load();
    expect(sessions[0].engine).toBe('scripted');
    expect(sessions[0].unbatchedSignatures).toEqual(new Set(['one by one']));
    const all = [owner, ...sessions];
    const results = await Promise.all(all.flatMap((session) => [10, 20, 30].map((x) => run(session, floats(x, -x)))));
    expect(results.map(({ data }) => Array.from(data as Float32Array))).toEqual(
      all.flatMap(() => [10, 20, 30].map((x) => [2 * x, -2 * x])),
    );
  });

  it.each<[string, Tensor]>([
    ['small', { dtype: 'int64', shape: [2], data: BigInt64Array.of(-1n, 2n ** 60n) }],
    ['empty', { dtype: 'double', shape: [0, 3], data: new Float64Array(0) }],
    ['large', { dtype: 'uint8', shape: [2 ** 20], data: new Uint8Array(2 ** 20).map((_, i) => i) }],
    ['of strings', { dtype: 'string', shape: [3], data: StringArray.from(['', 'tea', new Uint8Array([0xff])]) }],
  ])('hands over tensors that are %s, and leaves the inputs alone', async (_, tensor) => {
    const { sessions } = await load();
    const before = bytesOf(tensor);
    const { dtype, shape, ...rest } = await run(sessions[0], tensor);
    expect({ dtype, shape }).toEqual({ dtype: tensor.dtype, shape: tensor.shape });
    expect(bytesOf({ dtype, shape, ...rest } as Tensor).equals(before)).toBe(true);
    expect(bytesOf(tensor).equals(before)).toBe(true);
  });

  it("rejects with the engine's errors", async () => {
    const { sessions } = await load();
    const missing = sessions[0].prepare(['missing'], []).run([floats(1)]);
    expect((await failure(Promise.resolve(missing))).message).toContain('no tensor missing');
    expect((await failure(run(sessions[0], floats(Ask.fail)))).message).toContain('the kernel failed');
    expect((await failure(Promise.resolve(sessions[0].prepare(['x:0'], []).run([])))).code).toBe('INVALID_ARGUMENT');
  });

  it('gives a run up when its caller does', async () => {
    const { sessions } = await load();
    const controller = new AbortController();
    const hanging = failure(run(sessions[0], floats(Ask.hang), { signal: controller.signal }));
    const late = failure(run(sessions[1], floats(Ask.hang), { deadline: performance.now() + 20 }));
    await run(sessions[0], floats(1));
    controller.abort();
    expect((await hanging).code).toBe('CANCELLED');
    expect((await late).code).toBe('DEADLINE_EXCEEDED');
    // Their runs have ended in the process, too, or these would never close.
    await Promise.all(sessions.map((session) => session.close()));
    expect((await failure((async () => run(sessions[0], floats(1)))())).code).toBe('FAILED_PRECONDITION');
  });

  it('fails what was in flight when the process ended, and goes on with the next one', async () => {
    const { sessions, pid } = await load();
    const inFlight = sessions.map((session) => failure(run(session, floats(Ask.hang))));
    await Promise.all(sessions.map((session) => run(session, floats(1))));
    process.kill(pid(), 'SIGKILL');
    for (const error of await Promise.all(inFlight)) {
      expect(error).toMatchObject({ code: 'UNAVAILABLE', endedProcess: true });
      expect(error.message).toBe("The model's process was ended by SIGKILL (model m version 1)");
    }
    for (const session of sessions) expect((await run(session, floats(2))).data).toEqual(Float32Array.of(4));
  });

  it('ends a run that takes longer than maxRunMs', async () => {
    const { sessions } = await load({ maxRunMs: 100 });
    const error = await failure(run(sessions[0], floats(Ask.hang)));
    expect(error.message).toContain('The run took longer than maxRunMs (100)');
  });

  it('runs a suspect run with no other', async () => {
    const { sessions } = await load();
    const others = Array.from({ length: 10 }, (_, i) => run(sessions[i % 2]!, floats(Ask.later)));
    const suspect = failure(run(sessions[0], floats(Ask.abort), { isSuspect: true }));
    expect(await Promise.all(others)).toHaveLength(10);
    expect((await suspect).message).toContain('was ended by SIGABRT');
  });
});
