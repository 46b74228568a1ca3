/** ONNX Runtime beside TensorFlow, in process: the same SavedModels, one intra-op thread each. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { benchModel, NOT_MADE } from '../engines/bench-models.js';
import { measureEngines } from '../engines/contestants.js';
import { fixtureBasePath } from '../fixtures.js';
import type { Table } from '../report.js';

interface Work {
  readonly name: string;
  readonly directory: string;
  readonly rows: number;
}

const works: readonly Work[] = [
  { name: 'half_plus_two, 3 rows', directory: join(fixtureBasePath('half_plus_two'), '123'), rows: 3 },
  ...(
    [
      ['MLP 784-512-512-10', 'mlp', 1],
      ['MLP 784-512-512-10', 'mlp', 32],
      ['small CNN', 'small_cnn', 16],
      ['MobileNetV2', 'mobilenet_v2', 1],
      ['ResNet50', 'resnet50', 1],
      ['6-layer BERT-like, 128 tokens', 'bert', 1],
      ['LSTM × 2, 50 steps', 'lstm', 1],
    ] as const
  ).map(([name, folder, rows]) => ({
    name: `${name}, ${rows} ${rows === 1 ? 'row' : 'rows'}`,
    directory: benchModel(folder),
    rows,
  })),
];

/** Measures what there is; models that make_models.py has not made are listed as such. */
export async function measureEnginesSideBySide(): Promise<Table> {
  const rows = [];
  for (const { name, directory, rows: count } of works) {
    if (!existsSync(directory)) {
      rows.push([name, NOT_MADE, '', '', '', '']);
      continue;
    }
    const [onnx, tensorflow, byDefault] = await measureEngines([
      { engine: 'onnx', directory, rows: count, intraOpThreads: 1 },
      { engine: 'tensorflow', directory, rows: count, intraOpThreads: 1 },
      { engine: 'tensorflow', directory, rows: count },
    ]);
    rows.push([
      name,
      micros(onnx!.wallMicros),
      micros(tensorflow!.wallMicros),
      ratio(onnx!.wallMicros, tensorflow!.wallMicros),
      ratio(onnx!.cpuMicros, tensorflow!.cpuMicros),
      micros(byDefault!.wallMicros),
    ]);
  }
  return {
    title: 'Engines: the same SavedModel on ONNX Runtime and on TensorFlow',
    how:
      'Inline runs, each awaited, in processes of their own; medians of rounds taken in turn. One intra-op thread each; the last ' +
      'column is TensorFlow with its default of threads.',
    columns: ['work', 'ONNX Runtime, µs', 'TensorFlow, µs', 'wall', 'CPU', 'TensorFlow, all threads, µs'],
    rows,
  };
}

function micros(value: number): string {
  return value < 100 ? value.toFixed(1) : Math.round(value).toLocaleString('en');
}

function ratio(value: number, base: number): string {
  return `${(value / base).toFixed(2)} ×`;
}
