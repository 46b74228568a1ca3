/** What a process of its own costs a model: times and memory beside the same engine in the host. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { ModelServer } from '@serving/core';
import { createTensor, type Tensor } from '@serving/core/tensor';
import type { EngineName } from '@serving/engine';
import { RestServer } from '@serving/http';
import { savedModelPlatform } from '@serving/savedmodel';
import { fixtureBasePath } from '../fixtures.js';
import type { Table } from '../report.js';

const ROUNDS = 9;
const ENGINES: readonly EngineName[] = ['tensorflow', 'onnx'];
const PIXELS = 224 * 224 * 3;

/** Microseconds for each run, as a clock and as the host's processor time count them. */
interface Cost {
  readonly micros: number;
  readonly hostMicros: number;
}

type Work = () => Promise<number>;

/** The least of several rounds for each of two, taken in turn so that both see the same machine. `work` returns how many runs it made. */
async function compare(host: Work, isolated: Work): Promise<readonly [host: Cost, isolated: Cost]> {
  const best = [host, isolated].map(() => ({ micros: Number.POSITIVE_INFINITY, hostMicros: Number.POSITIVE_INFINITY }));
  for (let round = 0; round <= ROUNDS; round++) {
    for (const [i, work] of [host, isolated].entries()) {
      const cpu = process.cpuUsage();
      const start = performance.now();
      const runs = await work();
      const micros = ((performance.now() - start) * 1000) / runs;
      const { user, system } = process.cpuUsage(cpu);
      // The first round warms up.
      if (round === 0) continue;
      best[i]!.micros = Math.min(best[i]!.micros, micros);
      best[i]!.hostMicros = Math.min(best[i]!.hostMicros, (user + system) / runs);
    }
  }
  return best as [Cost, Cost];
}

async function measureEngine(engine: EngineName): Promise<string[][]> {
  const names = ['half_plus_two', 'image', 'mlp'];
  const server = await ModelServer.start({
    models: names.flatMap((name) => [
      { name, basePath: fixtureBasePath(name) },
      { name: `${name}_isolated`, basePath: fixtureBasePath(name), options: { isolation: 'process' } },
    ]),
    platforms: { tensorflow: savedModelPlatform({ engine }) },
  });
  const batched = await ModelServer.start({
    models: [
      { name: 'mlp', basePath: fixtureBasePath('mlp') },
      { name: 'mlp_isolated', basePath: fixtureBasePath('mlp'), options: { isolation: 'process' } },
    ],
    platforms: { tensorflow: savedModelPlatform({ engine }) },
    batching: { maxBatchSize: 32 },
  });
  const rest = await RestServer.listen(server, { port: 0, host: '127.0.0.1' });

  const inTurn =
    (model: string, inputs: Readonly<Record<string, Tensor>>, runs: number): Work =>
    async () => {
      for (let n = 0; n < runs; n++) await server.predict({ model, inputs });
      return runs;
    };
  const together =
    (target: ModelServer, model: string, inputs: Readonly<Record<string, Tensor>>, runs: number): Work =>
    async () => {
      const one = async (): Promise<void> => {
        for (let n = 0; n < runs / 64; n++) await target.predict({ model, inputs });
      };
      await Promise.all(Array.from({ length: 64 }, one));
      return runs;
    };
  const overRest =
    (model: string, body: string, runs: number): Work =>
    async () => {
      const url = `http://127.0.0.1:${rest.port}/v1/models/${model}:predict`;
      for (let n = 0; n < runs; n++) await (await fetch(url, { method: 'POST', body })).arrayBuffer();
      return runs;
    };
  const both = (workOf: (model: string) => Work, model: string) => compare(workOf(model), workOf(`${model}_isolated`));

  const small = { x: createTensor('float', [3], Float32Array.of(1, 2, 5)) };
  const imageName = await onlyInput(server, 'image');
  const pixels = new Float32Array(PIXELS).map((_, i) => Math.fround((i % 255) / 255));
  const image = { [imageName]: createTensor('float', [1, 224, 224, 3], pixels) };
  const json = JSON.stringify({ instances: [nested(pixels)] });
  const row784 = { [await onlyInput(server, 'mlp')]: createTensor('float', [1, 784], new Float32Array(784).fill(0.5)) };

  const lone = await both((model) => inTurn(model, small, 2000), 'half_plus_two');
  const many = await both((model) => together(server, model, small, 6400), 'half_plus_two');
  const large = await both((model) => inTurn(model, image, 100), 'image');
  const largeOverRest = await both((model) => overRest(model, json, 30), 'image');
  const batches = await both((model) => together(batched, model, row784, 6400), 'mlp');
  await rest.close();
  await server.close();
  await batched.close();
  const row = (what: string, [host, isolated]: readonly [Cost, Cost]): string[] => [
    engine,
    what,
    host.micros.toFixed(1),
    isolated.micros.toFixed(1),
    `${signed(isolated.micros - host.micros)} (${(isolated.micros / host.micros).toFixed(2)} ×)`,
    signed(isolated.hostMicros - host.hostMicros),
  ];
  return [
    row('half_plus_two, one at a time', lone),
    row('half_plus_two, 64 in flight', many),
    row('602 KB image, one at a time', large),
    row('602 KB image as JSON over REST', largeOverRest),
    row('MLP, 64 in flight, in batches', batches),
  ];
}

async function onlyInput(server: ModelServer, model: string): Promise<string> {
  const metadata = server.getModelMetadata({ model });
  const [name] = metadata.signatureDef.get('serving_default')!.inputs.keys();
  return name!;
}

function nested(pixels: Float32Array): number[][][] {
  const values = Array.from(pixels, (value) => Number(value.toFixed(6)));
  return Array.from({ length: 224 }, (_, y) =>
    Array.from({ length: 224 }, (_, x) => values.slice((y * 224 + x) * 3, (y * 224 + x) * 3 + 3)),
  );
}

const signed = (micros: number): string => `${micros < 0 ? '−' : '+'}${Math.abs(micros).toFixed(1)}`;

/** Private bytes of a process. */
function privateMiB(pid: number | 'self'): number {
  const text = readFileSync(`/proc/${pid}/smaps_rollup`, 'latin1');
  let kib = 0;
  for (const [, size] of text.matchAll(/^Private_(?:Clean|Dirty): +(\d+)/gm)) kib += Number(size);
  return kib / 1024;
}

/** In a process of its own: what a model adds to it, or takes in a process of its own, in MiB. */
export async function printMemory(engine: EngineName, isolation: 'process' | 'none'): Promise<void> {
  const { observeServing } = await import('@serving/core/diagnostics');
  let pid: number | undefined;
  observeServing({
    onModelProcess: (event) => {
      pid = event.pid;
    },
  });
  const before = privateMiB('self');
  const server = await ModelServer.start({
    models: [{ name: 'mlp', basePath: fixtureBasePath('mlp') }],
    platforms: { tensorflow: savedModelPlatform({ engine, isolation }) },
  });
  const inputs = { [await onlyInput(server, 'mlp')]: createTensor('float', [1, 784], new Float32Array(784)) };
  for (let n = 0; n < 500; n++) await server.predict({ model: 'mlp', inputs });
  console.log(isolation === 'none' ? privateMiB('self') - before : privateMiB(pid!));
  await server.close();
}

/** The memory is that of a process with nothing else in it. */
async function memoryOf(engine: EngineName, isolation: string): Promise<number> {
  const script = fileURLToPath(new URL('./isolation-memory.js', import.meta.url));
  const child = spawn(process.execPath, [script, engine, isolation], { stdio: ['ignore', 'pipe', 'inherit'] });
  let text = '';
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
    text += chunk;
  });
  await once(child, 'close');
  return Number(text);
}

export async function measureIsolation(): Promise<Table> {
  const rows: string[][] = [];
  for (const engine of ENGINES) {
    rows.push(...(await measureEngine(engine)));
    const [host, isolated] = [await memoryOf(engine, 'none'), await memoryOf(engine, 'process')];
    rows.push([
      engine,
      'private memory with the MLP',
      `${host.toFixed(0)} MiB`,
      `${isolated.toFixed(0)} MiB`,
      `${signed(isolated - host)} MiB`,
      '',
    ]);
  }
  return {
    title: 'Isolation: models in processes of their own',
    how:
      `In process but where it says REST; µs a run, the least of ${ROUNDS} rounds taken in turn. The host's processor time leaves out ` +
      "that of the model's process. Memory: what the engine adds to the host's process, and all of the model's process.",
    columns: ['engine', 'work', 'in the host', 'isolated', 'difference', "host's processor time"],
    rows,
  };
}
