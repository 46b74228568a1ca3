/** What batching in process gives: throughput beside a bare loop, and how a quiet model fares beside a flooded one. */
import { ModelServer } from '@serving/core';
import { type BatchingSessionTask, batchingServable, SharedBatchScheduler } from '@serving/core/batching';
import { observeServing } from '@serving/core/diagnostics';
import type { InferenceServable } from '@serving/core/extend';
import { createTensor, type NamedTensors } from '@serving/core/tensor';
import { savedModelPlatform } from '@serving/savedmodel';
import { fixtureBasePath } from '../fixtures.js';
import type { Table } from '../report.js';

const IN_FLIGHT = 256;
const MAX_BATCH_SIZE = 64;
const THREADS = 2;
const ROUNDS = 6;
const ROUND_MS = 600;
/** Long enough for a percentile 99. */
const LATENCY_ROUND_MS = 1200;
/** Pause between two requests to the quiet model. */
const QUIET_PAUSE_MS = 4;

function rowsOf784(rows: number): NamedTensors {
  const data = new Float32Array(784 * rows);
  for (let i = 0; i < data.length; i++) data[i] = (i % 97) / 97;
  return { x: createTensor('float', [rows, 784], data) };
}

/** Calls so many at a time, for a while; how often per second. */
async function callsPerSecond(call: () => Promise<unknown>, inFlight: number, millis = ROUND_MS): Promise<number> {
  const start = performance.now();
  const end = start + millis;
  let calls = 0;
  const caller = async () => {
    while (performance.now() < end) {
      await call();
      calls++;
    }
  };
  await Promise.all(Array.from({ length: inFlight }, caller));
  return (calls * 1000) / (performance.now() - start);
}

/** Percentile 99 of a call's time in milliseconds, one call at a time with pauses. */
async function percentile99(call: () => Promise<unknown>): Promise<number> {
  const times: number[] = [];
  const end = performance.now() + LATENCY_ROUND_MS;
  while (performance.now() < end) {
    const start = performance.now();
    await call();
    times.push(performance.now() - start);
    await new Promise((resolve) => setTimeout(resolve, QUIET_PAUSE_MS));
  }
  return times.sort((a, b) => a - b)[Math.floor(times.length * 0.99)]!;
}

/** A run as every API makes it: within the call where that is cheaper. */
async function run(servable: InferenceServable, inputs: NamedTensors): Promise<NamedTensors> {
  const signature = servable.signatures.get('serving_default')!;
  return servable.run(signature, inputs);
}

export async function measureBatching(): Promise<Table> {
  const basePath = fixtureBasePath('mlp');
  const server = await ModelServer.start({
    models: ['flooded', 'quiet'].map((name) => ({ name, basePath })),
    platforms: { tensorflow: savedModelPlatform() },
  });
  const handles = ['flooded', 'quiet'].map((model) => server.getServableHandle({ model }));
  const options = { maxBatchSize: MAX_BATCH_SIZE, numBatchThreads: THREADS };
  const scheduler = new SharedBatchScheduler<BatchingSessionTask>(options);
  const sizes = { rows: 0, batches: 0 };
  const [flooded, quiet] = handles.map(({ id, servable }) =>
    batchingServable(servable, scheduler, {
      id,
    }),
  );
  const stop = observeServing({
    onBatchingRun: ({ size }) => {
      sizes.rows += size;
      sizes.batches++;
    },
  });
  const row = rowsOf784(1);
  const request = () => run(flooded!, row);

  await callsPerSecond(request, IN_FLIGHT);
  Object.assign(sizes, { rows: 0, batches: 0 });
  let batched = 0;
  let bare = 0;
  let alone = Number.POSITIVE_INFINITY;
  let besideFlood = Number.POSITIVE_INFINITY;
  for (let round = 0; round < ROUNDS; round++) {
    batched = Math.max(batched, await callsPerSecond(request, IN_FLIGHT));
    const size = Math.round(sizes.rows / sizes.batches);
    const merged = rowsOf784(size);
    bare = Math.max(bare, size * (await callsPerSecond(() => run(handles[0]!.servable, merged), THREADS)));
  }
  stop();
  const meanSize = sizes.rows / sizes.batches;
  const unbatched = await callsPerSecond(() => run(handles[0]!.servable, row), IN_FLIGHT);
  for (let round = 0; round < ROUNDS; round++) {
    const quietRequest = () => run(quiet!, row);
    alone = Math.min(alone, await percentile99(quietRequest));
    const flood = callsPerSecond(request, IN_FLIGHT, LATENCY_ROUND_MS);
    besideFlood = Math.min(besideFlood, await percentile99(quietRequest));
    await flood;
  }

  await scheduler.close();
  for (const handle of handles) handle.release();
  await server.close();
  const rate = (rowsPerSecond: number) => [
    `${Math.round(rowsPerSecond).toLocaleString('en')} rows/s`,
    `${(rowsPerSecond / bare).toFixed(2)} ×`,
  ];
  const latency = (millis: number) => [`${millis.toFixed(2)} ms`, `${(millis / alone).toFixed(1)} ×`];
  return {
    title: 'Batching in process: MLP 784-512-512-10, requests of one row',
    how:
      `At most ${MAX_BATCH_SIZE} rows a batch, ${THREADS} batches at a time, no batch timeout; best of ${ROUNDS} rounds, taken in turn. ` +
      `The flood is the first row's load, on another model of the same scheduler.`,
    columns: ['load', 'result', 'ratio'],
    rows: [
      [`${IN_FLIGHT} requests in flight, batched (${meanSize.toFixed(1)} rows a batch)`, ...rate(batched)],
      [`bare loop: ${THREADS} runs of ${Math.round(meanSize)} rows at a time`, ...rate(bare)],
      [`${IN_FLIGHT} requests in flight, not batched`, ...rate(unbatched)],
      ['a quiet model: percentile 99 of a request alone', ...latency(alone)],
      ['the same beside the flood', ...latency(besideFlood)],
    ],
  };
}
