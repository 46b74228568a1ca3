/** Ten swaps of a model with 205 MB of weights under load, on each engine. */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { median } from '../measured-server.js';
import type { Table } from '../report.js';
import { benchModel, hasBenchModel, NOT_MADE } from './bench-models.js';
import type { SwapOptions, SwapResult } from './swap-worker.js';

const SWAPS = 10;
const MODEL = 'large';

const CONTESTANTS: readonly (Pick<SwapOptions, 'engine' | 'weights'> & { readonly name: string })[] = [
  { name: 'ONNX Runtime, mapped weights', engine: 'onnx', weights: 'mapped' },
  { name: 'ONNX Runtime, packed weights', engine: 'onnx', weights: 'packed' },
  { name: 'TensorFlow', engine: 'tensorflow' },
];

export async function measureEngineSwaps(): Promise<Table> {
  const rows: string[][] = [];
  for (const { name, ...contestant } of hasBenchModel(MODEL) ? CONTESTANTS : []) {
    const result = await swap({ ...contestant, directory: benchModel(MODEL), swaps: SWAPS });
    for (const failure of new Set(result.failures)) console.error(`${name}: ${failure}`);
    const megabytes = result.privateBytes.map((bytes) => (bytes / 1e6).toFixed(0));
    rows.push([
      name,
      String(result.requests),
      String(result.failures.length),
      median(result.swapMillis).toFixed(0),
      megabytes[0]!,
      megabytes.at(-1)!,
    ]);
  }
  return {
    title: `Engines: ${SWAPS} swaps of 205 MB of weights under load`,
    how: 'Eight callers in process, each with a request in flight at any time; a swap ends when the old version is gone.',
    columns: ['engine', 'requests', 'failed', 'ms per swap', 'private MB after the first', 'private MB after the last'],
    rows: rows.length > 0 ? rows : [[NOT_MADE, '', '', '', '', '']],
  };
}

async function swap(options: SwapOptions): Promise<SwapResult> {
  const script = fileURLToPath(new URL('./swap-worker.js', import.meta.url));
  const child = fork(script, [JSON.stringify(options)], { env: { ...process.env, TF_CPP_MIN_LOG_LEVEL: '3' } });
  const exit = once(child, 'exit').then(([code]) => {
    throw new Error(`The process that swaps versions ended with code ${code}`);
  });
  exit.catch(() => undefined);
  const [result] = (await Promise.race([once(child, 'message'), exit])) as [SwapResult];
  return result;
}
