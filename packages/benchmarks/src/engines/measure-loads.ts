/** Loads of a model with 205 MB of weights: time, and memory that no other process shares. */
import type { Table } from '../report.js';
import { benchModel, hasBenchModel, NOT_MADE } from './bench-models.js';
import { measureLoads } from './contestants.js';

const ROUNDS = 7;
const MODEL = 'large';

export async function measureEngineLoads(): Promise<Table> {
  const table = {
    title: 'Engines: loads of 205 MB of weights',
    how: `An embedding of 400,000 × 128; medians of ${ROUNDS} loads in processes of their own, taken in turn. The libraries are loaded already.`,
    columns: ['engine', 'load, ms', 'to TensorFlow', 'private memory, MB', 'to TensorFlow'],
  };
  if (!hasBenchModel(MODEL)) return { ...table, rows: [[NOT_MADE, '', '', '', '']] };
  const options = { directory: benchModel(MODEL), rows: 1, intraOpThreads: 1 };
  const loads = await measureLoads(
    [
      { ...options, engine: 'onnx', engineOptions: { weights: 'mapped' } },
      { ...options, engine: 'onnx', engineOptions: { weights: 'packed' } },
      { ...options, engine: 'tensorflow' },
    ],
    ROUNDS,
  );
  const base = loads.at(-1)!;
  const names = ['ONNX Runtime, mapped weights', 'ONNX Runtime, packed weights', 'TensorFlow'];
  const rows = loads.map(({ loadMillis, privateBytes }, i) => [
    names[i]!,
    loadMillis.toFixed(0),
    `${(loadMillis / base.loadMillis).toFixed(2)} ×`,
    (privateBytes / 1e6).toFixed(0),
    `${(privateBytes / base.privateBytes).toFixed(2)} ×`,
  ]);
  return { ...table, rows };
}
