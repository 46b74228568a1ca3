/** Everything at once: load from all sides, and faults in every lane, for so many seconds. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { ModelServer } from '@serving/core';
import { GrpcServer } from '@serving/grpc';
import { RestServer } from '@serving/http';
import { RandomSource } from '../fuzz/random-source.js';
import { type ChaosModel, chaosModels, chaosServerOptions } from './chaos-models.js';
import { CallerLoops, type Counts } from './clients/caller-loops.js';
import { ClientProcess } from './clients/client-process.js';
import { inProcessCaller } from './clients/in-process-caller.js';
import { nextPauseMs, nextStep } from './faults/chaos-step.js';
import { FaultInjector } from './faults/fault-injector.js';
import { type FailedRequest, FaultRecord } from './faults/fault-record.js';
import { until } from './until.js';
import { makeTemplates, VersionFolders } from './version-folders.js';
import { heldResources } from './watch/held-resources.js';
import { LoopStalls } from './watch/loop-stalls.js';
import { MemorySamples } from './watch/memory-samples.js';
import { ProcessWatch } from './watch/process-watch.js';
import { ServedRequests } from './watch/served-requests.js';

export interface ChaosOptions {
  readonly seconds: number;
  /** The same one has the same steps in each lane. */
  readonly seed: number;
}

/** What became of it. */
export interface ChaosOutcome {
  /** One line for each thing that must not be. */
  readonly problems: readonly string[];
  /** By model and outcome, such as `answered` or an error's code. */
  readonly requests: Counts;
  /** By kind. */
  readonly faults: Readonly<Record<string, number>>;
  /** Ends of processes by what ended them, and how many were started again. */
  readonly deaths: Readonly<Record<string, number>>;
  readonly restarts: number;
  readonly vanishedClients: number;
  /** Of the server's event loop. */
  readonly longestStallMs: number;
  /** The same in its thread's processor time. */
  readonly longestStallCpuMs: number;
  readonly heapGrowthBytes: number;
  readonly residentGrowthBytes: number;
}

const CLIENTS_VANISH_MS = 6000;
const MEMORY_SAMPLES = 20;
/** Much more than a heap breathes, much less than a lost request in a thousand would hold. */
const MAX_HEAP_GROWTH_BYTES = 16 * 2 ** 20;
const STOP_MS = 60_000;
const MAX_PROBLEMS = 50;

export async function runChaos(options: ChaosOptions): Promise<ChaosOutcome> {
  const root = await mkdtemp(join(tmpdir(), 'chaos-'));
  try {
    await makeTemplates(root);
    const folders = new Map(chaosModels.map(({ name }) => [name, new VersionFolders(root, name)]));
    await Promise.all(Array.from(folders.values(), (models) => models.create()));
    // What comes with the first server stays: libraries and their threads, and Node's watch of its children.
    const first = await ChaosServer.start(root);
    await first.close();
    const before = heldResources();
    const outcome = await new ChaosRun(options, folders).run(root);
    const leftOver = await resourcesBeyond(before);
    return { ...outcome, problems: [...outcome.problems, ...leftOver.map((what) => `left over: ${what}`)] };
  } finally {
    await rm(root, { recursive: true });
  }
}

/** What is held that was not before; a process that has ended may take a moment to go. */
async function resourcesBeyond(before: readonly string[]): Promise<string[]> {
  const beyond = (): string[] => heldResources().filter((what) => !before.includes(what));
  await until('nothing is left over', () => beyond().length === 0).catch(() => {});
  return beyond();
}

/** A model server with both APIs. */
class ChaosServer {
  readonly models: ModelServer;
  readonly rest: RestServer;
  readonly grpc: GrpcServer;

  private constructor(models: ModelServer, rest: RestServer, grpc: GrpcServer) {
    this.models = models;
    this.rest = rest;
    this.grpc = grpc;
  }

  static async start(root: string): Promise<ChaosServer> {
    const models = await ModelServer.start(chaosServerOptions(root));
    const address = { host: '127.0.0.1', port: 0 };
    return new ChaosServer(models, await RestServer.listen(models, address), await GrpcServer.listen(models, address));
  }

  async close(): Promise<void> {
    await Promise.all([this.rest.close(), this.grpc.close()]);
    await this.models.close();
  }
}

class ChaosRun {
  readonly #options: ChaosOptions;
  readonly #folders: ReadonlyMap<string, VersionFolders>;
  readonly #faults = new FaultRecord(Date.now);
  readonly #processes = new ProcessWatch(this.#faults);
  readonly #served = new ServedRequests();
  /** With how often each of them came. */
  readonly #problems = new Map<string, number>();
  readonly #injectors: FaultInjector[] = [];
  readonly #end: number;

  constructor(options: ChaosOptions, folders: ReadonlyMap<string, VersionFolders>) {
    this.#options = options;
    this.#folders = folders;
    this.#end = performance.now() + options.seconds * 1000;
  }

  async run(root: string): Promise<ChaosOutcome> {
    const { seed, seconds } = this.#options;
    const server = await ChaosServer.start(root);
    const models = chaosModels.map(({ name }) => name);
    const onFailure = (failed: FailedRequest): void => this.#judge(failed);
    const ports = { restPort: server.rest.port, grpcPort: server.grpc.port! };
    const clients = new ClientProcess({ ...ports, models, seed }, onFailure);
    const loops = new CallerLoops(seed, onFailure);
    loops.start(models, [inProcessCaller(server.models)]);
    const stalls = new LoopStalls();
    const memory = new MemorySamples();
    const setPaused = (model: string, isPaused: boolean): void => {
      loops.setPaused(model, isPaused);
      clients.setPaused(model, isPaused);
    };
    await Promise.all([
      ...chaosModels.map((model, i) => this.#lane(model, i, server.models, setPaused)),
      this.#repeat(CLIENTS_VANISH_MS, async () => {
        await clients.vanish();
        clients.startNext();
        // What a start takes is not the server's.
        stalls.skip();
      }),
      this.#repeat((seconds * 1000) / MEMORY_SAMPLES, () => {
        memory.take();
        stalls.skip();
      }),
    ]);
    if (!(await clients.stop(STOP_MS))) this.#problem('clients over REST or gRPC still wait for answers');
    await loops.stop();
    await until('no request is in flight', () => this.#served.inFlight() === 0).catch(() => {
      this.#problem(`${this.#served.inFlight()} requests never ended`);
    });
    if (this.#served.endedTwice > 0) this.#problem(`${this.#served.endedTwice} requests ended twice`);
    stalls.close();
    this.#served.close();
    await server.close();
    this.#processes.close();
    if (memory.heapGrowthBytes > MAX_HEAP_GROWTH_BYTES)
      this.#problem(`the heap grew by ${memory.heapGrowthBytes} bytes`);
    const requests = sum([loops.counts, ...clients.counts]);
    for (const { name } of chaosModels) {
      if ((requests[name]?.answered ?? 0) === 0) this.#problem(`${name} has never answered`);
    }
    return {
      problems: Array.from(this.#problems, ([problem, times]) => `${times} × ${problem}`),
      requests,
      faults: sum(this.#injectors.map(({ done }) => ({ done }))).done ?? {},
      deaths: this.#processes.ends,
      restarts: this.#processes.restarts,
      vanishedClients: clients.vanished,
      longestStallMs: stalls.longestMs,
      longestStallCpuMs: stalls.longestCpuMs,
      heapGrowthBytes: memory.heapGrowthBytes,
      residentGrowthBytes: memory.residentGrowthBytes,
    };
  }

  /** One step after the other on one model. */
  async #lane(
    { name, lane }: ChaosModel,
    index: number,
    server: ModelServer,
    setPaused: (model: string, isPaused: boolean) => void,
  ): Promise<void> {
    if (lane === 'calm') return;
    const random = new RandomSource(this.#options.seed * chaosModels.length + index);
    const injector = new FaultInjector({
      model: name,
      server,
      folders: this.#folders.get(name)!,
      processes: this.#processes,
      served: this.#served,
      faults: this.#faults,
      setPaused: (isPaused) => setPaused(name, isPaused),
    });
    this.#injectors.push(injector);
    while (performance.now() < this.#end) {
      await sleep(nextPauseMs(lane, random));
      const step = nextStep(lane, random);
      try {
        await injector.perform(step);
      } catch (error) {
        this.#problem(`${name}, ${JSON.stringify(step)}: ${error}`);
        return;
      }
    }
  }

  async #repeat(intervalMs: number, work: () => void | Promise<void>): Promise<void> {
    while (performance.now() + intervalMs < this.#end) {
      await sleep(intervalMs);
      await work();
    }
  }

  #judge(failed: FailedRequest): void {
    if (this.#faults.explains(failed)) return;
    this.#problem(`${failed.caller}, ${failed.model}: ${failed.code}: ${failed.message}`);
  }

  #problem(text: string): void {
    const times = this.#problems.get(text);
    if (times !== undefined || this.#problems.size < MAX_PROBLEMS) this.#problems.set(text, (times ?? 0) + 1);
  }
}

function sum(all: readonly Counts[]): Counts {
  const total: Counts = {};
  for (const counts of all) {
    for (const [model, outcomes] of Object.entries(counts)) {
      total[model] ??= {};
      for (const [name, count] of Object.entries(outcomes)) total[model][name] = (total[model][name] ?? 0) + count;
    }
  }
  return total;
}
