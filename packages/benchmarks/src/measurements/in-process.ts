/** What a predict in process costs beside the bare FFI call that it can't avoid. */
import { join } from 'node:path';
import { ModelServer } from '@serving/core';
import { createTensor } from '@serving/core/tensor';
import { savedModelPlatform } from '@serving/savedmodel';
import { bareRun } from '../bare-ffi.js';
import { fixtureBasePath } from '../fixtures.js';
import type { Table } from '../report.js';

const RUNS = 20_000;
const ROUNDS = 7;

/** Microseconds per call in the best of several rounds, taken in turn so that all see the same machine. */
async function bestOf(contestants: readonly (() => Promise<unknown> | unknown)[], runs: number): Promise<number[]> {
  const best = contestants.map(() => Number.POSITIVE_INFINITY);
  for (let round = 0; round < ROUNDS; round++) {
    for (const [i, call] of contestants.entries()) {
      const start = performance.now();
      for (let n = 0; n < runs; n++) await call();
      best[i] = Math.min(best[i]!, ((performance.now() - start) * 1000) / runs);
    }
  }
  return best;
}

export async function measureInProcess(): Promise<Table> {
  const basePath = fixtureBasePath('half_plus_two');
  const server = await ModelServer.start({
    models: [{ name: 'half_plus_two', basePath, versionPolicy: { specific: { versions: [123] } } }],
    platforms: { tensorflow: savedModelPlatform() },
  });
  const bare = await bareRun(join(basePath, '123'));
  const x = createTensor('float', [3], new Float32Array([1, 2, 5]));
  const request = { model: 'half_plus_two', inputs: { x } };
  const nested = { model: 'half_plus_two', inputs: { x: [1, 2, 5] } };
  const [ffi, predict, fromArray] = await bestOf(
    [bare, () => server.predict(request), () => server.predict(nested)],
    RUNS,
  );
  await server.close();
  const row = (name: string, micros: number) => [name, micros.toFixed(1), `${(micros / ffi!).toFixed(2)} ×`];
  return {
    title: 'In process: half_plus_two, three floats',
    how: `One caller, each call awaited; best of ${ROUNDS} rounds of ${RUNS} calls, taken in turn.`,
    headline: `in process a small model answers in ${predict!.toFixed(1)} µs, ${(predict! / ffi!).toFixed(2)} times the bare call of TensorFlow's C library`,
    columns: ['call', 'µs per call', 'to the bare call'],
    rows: [
      row('bare FFI: TF_SessionRun with everything prepared', ffi!),
      row('`server.predict` with a tensor', predict!),
      row('`server.predict` with a JavaScript array', fromArray!),
    ],
  };
}
