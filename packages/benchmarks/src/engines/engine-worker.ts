/** One engine with one model in a process of its own, which runs as often as its parent asks. */
import type { Tensor } from '@serving/core/tensor';
import { createEngine, type EngineName, type PreparedRun, type SessionOptions } from '@serving/engine';
import { readMetaGraph } from '@serving/protos/saved-model';
import { privateBytes } from './private-memory.js';
import { randomTensor } from './random-tensor.js';

/** How a contestant runs its model. */
export interface WorkerOptions {
  readonly engine: EngineName;
  readonly directory: string;
  /** Default: what the engine chooses. */
  readonly intraOpThreads?: number;
  readonly rows: number;
  readonly engineOptions?: object;
}

/** What a round cost. */
export interface Round {
  readonly wallMicros: number;
  readonly cpuMicros: number;
}

/** What loading cost. */
export interface Loaded {
  readonly loadMillis: number;
  /** Anonymous memory of the process beyond what it had before the load. */
  readonly privateBytes: number;
}

const options: WorkerOptions = JSON.parse(process.argv[2]!);

async function load(): Promise<{ readonly run: PreparedRun; readonly inputs: Tensor[]; readonly loaded: Loaded }> {
  const engine = await createEngine(options.engine, {
    origin: import.meta.url,
    engineOptions: { runMode: 'inline', ...options.engineOptions },
  });
  const session: SessionOptions =
    options.intraOpThreads === undefined ? {} : { intraOpThreads: options.intraOpThreads };
  engine.configure?.(session);
  await engine.describe();
  const before = privateBytes();
  const start = performance.now();
  const model = await engine.load(options.directory, ['serve'], session);
  const loadMillis = performance.now() - start;
  const grownBytes = privateBytes() - before;
  const { signatureDefs } = await readMetaGraph(options.directory, ['serve']);
  const signature = signatureDefs.get('serving_default')!;
  const feeds = [...signature.inputs.values()];
  const run = model.prepare(
    feeds.map(({ name }) => name!),
    Array.from(signature.outputs.values(), ({ name }) => name!),
  );
  return {
    run,
    inputs: feeds.map((feed) => randomTensor(feed, options.rows)),
    loaded: { loadMillis, privateBytes: grownBytes },
  };
}

const { run, inputs, loaded } = await load();

async function round(count: number): Promise<Round> {
  const cpu = process.cpuUsage();
  const start = performance.now();
  for (let i = 0; i < count; i++) await run.run(inputs);
  const wall = (performance.now() - start) * 1000;
  const { user, system } = process.cpuUsage(cpu);
  return { wallMicros: wall / count, cpuMicros: (user + system) / count };
}

process.on('message', (count: number) => {
  void round(count).then((result) => process.send!(result));
});
process.send!(loaded);
