/** The trial by fire: real models come and go under constant load, and nobody notices. */
import { once } from 'node:events';
import { mkdir, mkdtemp, rm, symlink } from 'node:fs/promises';
import { Agent, type IncomingMessage, request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { ModelServer, type ModelVersionStatus } from '@serving/core';
import type { Tensor } from '@serving/core/tensor';
import { RestServer } from '@serving/http';
import { tensorflowRuntime } from '@serving/runtime-tensorflow';
import { type SavedModelRuntime, savedModelPlatform } from '@serving/savedmodel';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { fixturePath } from '../../savedmodel/src/fixtures.test-support.js';

const CALLERS = 32;
const VERSIONS = 100;
const X = 10;

/** Odd versions are links to version 123 of the fixture (x/2 + 2), even ones to 124 (x/2 + 3). */
const fixtureVersion = (version: number): number => (version % 2 === 1 ? 123 : 124);
const answerOf = (version: number): number => X / 2 + (version % 2 === 1 ? 2 : 3);

const firstOf = (tensor: Tensor | undefined): unknown => (tensor as Tensor<'float'> | undefined)?.data[0];

/** Which versions could be had when. Time is the number of events and requests so far. */
class Availability {
  #now = 0;
  readonly #spans = new Map<number, { from: number; until: number }>();

  tick(): number {
    this.#now += 1;
    return this.#now;
  }

  begins(version: number): void {
    this.#spans.set(version, { from: this.tick(), until: Number.POSITIVE_INFINITY });
  }

  ends(version: number): void {
    const span = this.#spans.get(version);
    if (span) span.until = this.tick();
  }

  /** The versions that could be had at some moment from `start` until now. */
  since(start: number): number[] {
    return [...this.#spans].filter(([, { until }]) => until >= start).map(([version]) => version);
  }
}

/** A runtime that counts the sessions that are open. */
function countSessions(runtime: SavedModelRuntime): { runtime: SavedModelRuntime; open: () => number } {
  let open = 0;
  return {
    open: () => open,
    runtime: {
      name: runtime.name,
      describe: () => runtime.describe(),
      estimateBytes: (directory) => runtime.estimateBytes(directory),
      load: async (...args) => {
        const session = await runtime.load(...args);
        const close = session.close.bind(session);
        open += 1;
        return Object.assign(session, {
          close: async () => {
            await close();
            open -= 1;
          },
        });
      },
    },
  };
}

function heapUsedAfterCollection(): number {
  setFlagsFromString('--expose-gc');
  (runInNewContext('gc') as () => void)();
  return process.memoryUsage().heapUsed;
}

async function postPredict(port: number, agent: Agent): Promise<{ status: number; y: unknown }> {
  const sent = request({ agent, port, host: '127.0.0.1', method: 'POST', path: '/v1/models/half:predict' });
  sent.end(`{"inputs": [${X}]}`);
  const [response] = (await once(sent, 'response')) as [IncomingMessage];
  let text = '';
  for await (const chunk of response.setEncoding('utf8')) text += chunk;
  return { status: response.statusCode ?? 0, y: (JSON.parse(text) as { outputs?: unknown[] }).outputs?.[0] };
}

describe('a server whose versions come and go under load', () => {
  let root: string;
  let runtime: SavedModelRuntime;

  beforeAll(async () => {
    root = await mkdtemp(join(tmpdir(), 'hot-swap-'));
    runtime = tensorflowRuntime();
  });
  afterAll(async () => {
    await runtime.close?.();
    await rm(root, { recursive: true });
  });

  it(`fails no request of ${CALLERS} callers and ${CALLERS} connections through ${VERSIONS} versions, and keeps nothing`, async () => {
    const basePath = join(root, 'half');
    await mkdir(basePath);
    const add = (version: number): Promise<void> =>
      symlink(fixturePath('half_plus_two', fixtureVersion(version)), join(basePath, String(version)));
    await add(1);
    const availability = new Availability();
    const sessions = countSessions(runtime);
    const server = await ModelServer.start({
      models: [{ name: 'half', basePath }],
      platforms: { tensorflow: savedModelPlatform({ runtime: sessions.runtime }) },
      fileSystemPollWaitSeconds: 0,
      startPolicy: 'all',
      on: {
        'servable:available': ({ id }) => availability.begins(Number(id.version)),
        'servable:unloading': ({ id }) => availability.ends(Number(id.version)),
      },
    });
    const rest = await RestServer.listen(server, { port: 0 });
    const agent = new Agent({ keepAlive: true, maxSockets: CALLERS });
    const wrong: string[] = [];
    const counts = { inProcess: 0, overHttp: 0 };
    let isOver = false;

    const callInProcess = async (): Promise<void> => {
      while (!isOver) {
        const start = availability.tick();
        const { modelSpec, outputs } = await server.predict({ model: 'half', inputs: { x: [X] } });
        counts.inProcess += 1;
        const y = firstOf(outputs.y);
        const version = Number(modelSpec.version);
        if (y !== answerOf(version)) wrong.push(`version ${version} answered ${y}`);
        if (!availability.since(start).includes(version)) wrong.push(`${version} was not available`);
        await nextTurn();
      }
    };
    /** Works on with a version that may be replaced meanwhile. */
    const callWithHandle = async (): Promise<void> => {
      while (!isOver) {
        using handle = server.getServableHandle({ model: 'half' });
        const signature = handle.servable.signatures.get('serving_default')!;
        for (let turn = 0; turn < 3; turn += 1) await nextTurn();
        const x = { dtype: 'float', shape: [1], data: Float32Array.of(X) } as const;
        const { y } = await server.run(handle, signature, { x });
        counts.inProcess += 1;
        if (firstOf(y) !== answerOf(Number(handle.id.version)))
          wrong.push(`held ${handle.id.version} answered ${firstOf(y)}`);
      }
    };
    const callOverHttp = async (): Promise<void> => {
      while (!isOver) {
        const start = availability.tick();
        const { status, y } = await postPredict(rest.port, agent);
        counts.overHttp += 1;
        if (status !== 200 || !availability.since(start).some((version) => answerOf(version) === y)) {
          wrong.push(`${status} ${y}`);
        }
      }
    };
    const callers = [callInProcess, callWithHandle, callOverHttp].flatMap((call) =>
      Array.from({ length: call === callOverHttp ? CALLERS : CALLERS / 2 }, () =>
        call().catch((error: unknown) => wrong.push(`${call.name}: ${error}`)),
      ),
    );

    /** In any order: a version ends when the last of its callers lets it go. */
    const oldOnesAreGone = new Promise<void>((resolve) => {
      const isLeft = ({ version, state }: ModelVersionStatus): boolean =>
        version === VERSIONS ? state === 'AVAILABLE' : state === 'END';
      server.on('servable:end', () => {
        const states = server.getModelStatus({ model: 'half' });
        if (states[0]?.version === VERSIONS && states.every(isLeft)) resolve();
      });
    });
    let heapAtFirst = 0;
    for (let version = 2; version <= VERSIONS; version += 1) {
      await add(version);
      await server.poll('half');
      await rm(join(basePath, String(version - 1)));
      if (version === VERSIONS / 5) heapAtFirst = heapUsedAfterCollection();
    }
    isOver = true;
    await Promise.all(callers);
    await oldOnesAreGone;

    expect(wrong).toEqual([]);
    expect(Math.min(counts.inProcess, counts.overHttp)).toBeGreaterThan(VERSIONS);
    const states = server.getModelStatus({ model: 'half' });
    expect(states.filter(({ state }) => state !== 'END')).toEqual([
      { version: VERSIONS, state: 'AVAILABLE', status: { errorCode: 'OK', errorMessage: '' } },
    ]);
    expect(states.every(({ status }) => status.errorCode === 'OK')).toBe(true);
    expect(sessions.open()).toBe(1);
    expect(heapUsedAfterCollection() - heapAtFirst).toBeLessThan(16 * 2 ** 20);

    agent.destroy();
    await rest.close();
    await server.close();
    expect(sessions.open()).toBe(0);
  }, 60_000);
});
