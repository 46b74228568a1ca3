/** Real models come and go under constant load of every kind of caller, and each answer is compared with the versions of its time. */
import { once } from 'node:events';
import { mkdir, mkdtemp, rm, symlink } from 'node:fs/promises';
import { Agent, type IncomingMessage, request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { ChannelCredentials, Client } from '@grpc/grpc-js';
import { ModelServer, type ModelVersionStatus } from '@serving/core';
import type { BatchingOptions } from '@serving/core/batching';
import { createTensor, type Tensor } from '@serving/core/tensor';
import type { RunMode, SavedModelRuntime } from '@serving/engine';
import { GrpcServer } from '@serving/grpc';
import { RestServer } from '@serving/http';
import { decodePredictResponseMessage, encodePredictRequestMessage } from '@serving/protos/messages';
import { tensorflowRuntime } from '@serving/runtime-tensorflow';
import { savedModelPlatform } from '@serving/savedmodel';
import { fixtureBasePath } from '../fixtures.js';

const X = 10;
const GRPC_PATH = '/tensorflow.serving.PredictionService/Predict';

/** Odd versions are links to version 123 of the fixture (x/2 + 2), even ones to 124 (x/2 + 3). */
const fixtureVersion = (version: number): number => (version % 2 === 1 ? 123 : 124);
const answerOf = (version: number): number => X / 2 + (version % 2 === 1 ? 2 : 3);

const firstOf = (tensor: Tensor | undefined): unknown => (tensor as Tensor<'float'> | undefined)?.data[0];

/** How many callers of each kind, each with one request in flight at any time. */
export interface HotSwapTrialOptions {
  /** Versions that come, one after the other. Version 1 is there before the callers. */
  readonly versions: number;
  /** `server.predict` in process. */
  readonly inProcess: number;
  /** In process, with handles that outlive the swap of their version. */
  readonly withHandles: number;
  readonly rest: number;
  readonly grpc: number;
  /** REST clients that reset their connection before the answer. */
  readonly impatient: number;
  /** Default: no batching. */
  readonly batching?: BatchingOptions;
  /** Where TensorFlow runs. Default `auto`. */
  readonly runMode?: RunMode;
}

/** What the callers saw, and what was left behind. */
export interface HotSwapOutcome {
  /** One line per request that failed or got the answer of a version that was not available. */
  readonly wrong: readonly string[];
  /** Requests answered, by kind of caller; of impatient ones those that were sent. */
  readonly requests: Readonly<Record<CallerKind, number>>;
  /** The states of the versions when the last old one has ended. */
  readonly states: readonly ModelVersionStatus[];
  /** TensorFlow sessions open then, and after the server's close. */
  readonly openSessions: number;
  readonly openSessionsAfterClose: number;
  /** From a fifth of the versions on, after garbage collections. */
  readonly heapGrowthBytes: number;
}

type CallerKind = 'inProcess' | 'withHandles' | 'rest' | 'grpc' | 'impatient';

/** Which versions were available when. Time is the number of events and requests so far. */
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

  /** The versions that were available at some moment from `start` until now. */
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

function post(port: number, agent: Agent) {
  const sent = request({ agent, port, host: '127.0.0.1', method: 'POST', path: '/v1/models/half:predict' });
  sent.end(`{"inputs": [${X}]}`);
  return sent;
}

async function postPredict(port: number, agent: Agent): Promise<{ status: number; y: unknown }> {
  const [response] = (await once(post(port, agent), 'response')) as [IncomingMessage];
  let text = '';
  for await (const chunk of response.setEncoding('utf8')) text += chunk;
  return { status: response.statusCode ?? 0, y: (JSON.parse(text) as { outputs?: unknown[] }).outputs?.[0] };
}

function callPredict(client: Client): Promise<{ version: number; y: unknown }> {
  const inputs = { x: createTensor('float', [1], Float32Array.of(X)) };
  const bytes = Buffer.from(encodePredictRequestMessage({ modelSpec: { name: 'half', signatureName: '' }, inputs }));
  const same = (buffer: Buffer): Buffer => buffer;
  return new Promise((resolve, reject) => {
    client.makeUnaryRequest(GRPC_PATH, same, same, bytes, (error, answer) => {
      if (error || !answer) return reject(error ?? new Error('no answer'));
      const { modelSpec, outputs } = decodePredictResponseMessage(answer);
      resolve({ version: Number(modelSpec?.version), y: firstOf(outputs.y?.toTensor('y')) });
    });
  });
}

/**
 * Swaps versions while the callers ask without pause; each swap begins when the new version before it is available. Resolves
 * when every old version has ended and all is closed.
 */
export async function runHotSwapTrial(options: HotSwapTrialOptions): Promise<HotSwapOutcome> {
  const root = await mkdtemp(join(tmpdir(), 'hot-swap-'));
  const runtime = tensorflowRuntime(options.runMode ? { runMode: options.runMode } : {});
  try {
    return await new HotSwapTrial(options, root, runtime).run();
  } finally {
    await runtime.close?.();
    await rm(root, { recursive: true });
  }
}

class HotSwapTrial {
  readonly #options: HotSwapTrialOptions;
  readonly #basePath: string;
  readonly #sessions: ReturnType<typeof countSessions>;
  readonly #availability = new Availability();
  readonly #wrong: string[] = [];
  readonly #requests: Record<CallerKind, number> = { inProcess: 0, withHandles: 0, rest: 0, grpc: 0, impatient: 0 };
  #isOver = false;

  constructor(options: HotSwapTrialOptions, root: string, runtime: SavedModelRuntime) {
    this.#options = options;
    this.#basePath = join(root, 'half');
    this.#sessions = countSessions(runtime);
  }

  async run(): Promise<HotSwapOutcome> {
    const { versions, rest: restCallers, impatient } = this.#options;
    await mkdir(this.#basePath);
    await this.#add(1);
    const server = await this.#startServer();
    const rest = await RestServer.listen(server, { port: 0 });
    const grpc = await GrpcServer.listen(server, { port: 0 });
    const agent = new Agent({ keepAlive: true, maxSockets: restCallers });
    const impatientAgent = new Agent({ keepAlive: false, maxSockets: impatient });
    const client = new Client(`127.0.0.1:${grpc.port}`, ChannelCredentials.createInsecure());
    const callers = [
      ...this.#callers('inProcess', () => this.#predict(server)),
      ...this.#callers('withHandles', () => this.#runWithHandle(server)),
      ...this.#callers('rest', () => this.#askOverRest(rest.port, agent)),
      ...this.#callers('grpc', () => this.#askOverGrpc(client)),
      ...this.#callers('impatient', (turn) => this.#askAndLeave(rest.port, impatientAgent, turn)),
    ];
    const oldOnesAreGone = this.#oldOnesAreGone(server);
    let heapAtFirst = 0;
    for (let version = 2; version <= versions; version += 1) {
      await this.#add(version);
      await server.poll('half');
      await rm(join(this.#basePath, String(version - 1)));
      if (version === Math.ceil(versions / 5)) heapAtFirst = heapUsedAfterCollection();
    }
    this.#isOver = true;
    await Promise.all(callers);
    await oldOnesAreGone;
    const states = server.getModelStatus({ model: 'half' });
    const openSessions = this.#sessions.open();
    const heapGrowthBytes = heapUsedAfterCollection() - heapAtFirst;
    agent.destroy();
    impatientAgent.destroy();
    client.close();
    await Promise.all([rest.close(), grpc.close()]);
    await server.close();
    const openSessionsAfterClose = this.#sessions.open();
    return {
      wrong: this.#wrong,
      requests: this.#requests,
      states,
      openSessions,
      openSessionsAfterClose,
      heapGrowthBytes,
    };
  }

  #add(version: number): Promise<void> {
    return symlink(
      join(fixtureBasePath('half_plus_two'), String(fixtureVersion(version))),
      join(this.#basePath, String(version)),
    );
  }

  #startServer(): Promise<ModelServer> {
    const { batching } = this.#options;
    return ModelServer.start({
      models: [{ name: 'half', basePath: this.#basePath }],
      platforms: { tensorflow: savedModelPlatform({ engine: this.#sessions.runtime }) },
      pollIntervalMs: 'once',
      startPolicy: 'all',
      ...(batching && { batching }),
      on: {
        'servable:available': ({ id }) => this.#availability.begins(Number(id.version)),
        'servable:unloading': ({ id }) => this.#availability.ends(Number(id.version)),
      },
    });
  }

  /** Old versions end in any order: each when the last of its callers lets it go. */
  #oldOnesAreGone(server: ModelServer): Promise<void> {
    const { versions } = this.#options;
    const isLeft = ({ version, state }: ModelVersionStatus): boolean =>
      version === versions ? state === 'AVAILABLE' : state === 'END';
    return new Promise((resolve) => {
      server.on('servable:end', () => {
        const states = server.getModelStatus({ model: 'half' });
        if (states[0]?.version === versions && states.every(isLeft)) resolve();
      });
    });
  }

  /** Callers that ask until the last swap; one that throws is recorded, and asks again. */
  #callers(kind: CallerKind, ask: (turn: number) => Promise<void>): Promise<void>[] {
    return Array.from({ length: this.#options[kind] }, async () => {
      for (let turn = 0; !this.#isOver; turn += 1) {
        try {
          await ask(turn);
        } catch (error) {
          this.#wrong.push(`${kind}: ${error}`);
        }
        this.#requests[kind] += 1;
        await nextTurn();
      }
    });
  }

  async #predict(server: ModelServer): Promise<void> {
    const start = this.#availability.tick();
    const { version, outputs } = await server.predict({ model: 'half', inputs: { x: [X] } });
    this.#check('inProcess', Number(version), firstOf(outputs.y), start);
  }

  /** Goes on with a version that may be replaced meanwhile. */
  async #runWithHandle(server: ModelServer): Promise<void> {
    using handle = server.getServableHandle({ model: 'half' });
    const signature = handle.servable.signatures.get('serving_default')!;
    for (let turn = 0; turn < 3; turn += 1) await nextTurn();
    const x = { dtype: 'float', shape: [1], data: Float32Array.of(X) } as const;
    const { y } = await handle.servable.run(signature, { x });
    if (firstOf(y) !== answerOf(Number(handle.id.version)))
      this.#wrong.push(`withHandles: ${handle.id.version} answered ${firstOf(y)}`);
  }

  async #askOverRest(port: number, agent: Agent): Promise<void> {
    const start = this.#availability.tick();
    const { status, y } = await postPredict(port, agent);
    if (status === 200 && this.#availability.since(start).some((version) => answerOf(version) === y)) return;
    this.#wrong.push(`rest: ${status} ${y}`);
  }

  async #askOverGrpc(client: Client): Promise<void> {
    const start = this.#availability.tick();
    const { version, y } = await callPredict(client);
    this.#check('grpc', version, y, start);
  }

  async #askAndLeave(port: number, agent: Agent, turn: number): Promise<void> {
    const sent = post(port, agent);
    const closed = new Promise<void>((resolve) => {
      sent.once('close', () => resolve());
    });
    sent.on('error', () => {});
    sent.on('response', (response) => response.resume());
    for (let i = 0; i < turn % 8; i += 1) await nextTurn();
    sent.destroy();
    await closed;
  }

  #check(kind: CallerKind, version: number, y: unknown, start: number): void {
    if (y !== answerOf(version)) this.#wrong.push(`${kind}: version ${version} answered ${y}`);
    if (!this.#availability.since(start).includes(version)) {
      this.#wrong.push(`${kind}: ${version} was not available`);
    }
  }
}
