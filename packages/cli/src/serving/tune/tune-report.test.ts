import { ServingError } from '@serving/core';
import { describe, expect, it } from 'vitest';
import { compareRounds } from './tune-comparison.js';
import { tuneRemarks } from './tune-remarks.js';
import { tuneReport, tuneTable } from './tune-report.js';
import type { TuneSettings } from './tune-settings.js';
import type { TuneFacts } from './tune-steps.js';
import type { Slice, TuneRecord, TuneResult } from './tuner.js';

const model = { name: 'my model', basePath: '/models/my model', platform: 'tensorflow' };
const head = { protocol: 'rest', connections: 8, requests: '3 bodies of b.json', goal: 'throughput', remarks: [] };
const base: TuneSettings = {};
const facts: TuneFacts = {
  base,
  engines: ['tensorflow', 'onnx'],
  isOnnxModel: false,
  batching: 'safe',
  processors: 2,
  rowsAtOnce: 8,
};

/** Half a second of so many requests. */
const slice = (requests: number, residentBytes = 4e8): Slice => ({
  latencies: Array.from({ length: requests }, (_, i) => i + 1),
  failures: 0,
  firstError: undefined,
  elapsedMs: 500,
  cpuSeconds: 0.25,
  residentBytes,
});
const record = (settings: TuneSettings, ratio: number, residentBytes?: number): TuneRecord => ({
  settings,
  slices: [slice(100 * ratio, residentBytes), slice(100 * ratio, residentBytes)],
  ...(settings !== base && { toBase: compareRounds([ratio, ratio], [1, 1]) }),
});
const batches: TuneSettings = { maxBatchSize: 8 };
const failed: TuneRecord = {
  settings: { engine: 'onnx' },
  slices: [],
  failure: new ServingError('UNIMPLEMENTED', 'status 501: {\n  "error": "no kernel"\n}'),
};

function resultOf(records: readonly TuneRecord[], best?: TuneSettings, isStopped = false): TuneResult {
  return { records, best, isStopped };
}

describe('tuneTable', () => {
  it('has a line for each configuration, why one failed, and what to paste', () => {
    const result = resultOf([record(base, 1), record(batches, 1.5), failed], batches);
    expect(
      tuneTable(tuneReport(result, model, base, head)),
    ).toBe(`my model by rest, 8 requests at a time: 3 bodies of b.json

configuration  requests/s  p50 ms  p99 ms  CPU µs   MB          to default
default               200   50.00   99.00    2500  400                   -
batches of 8          300   75.00  149.00    1667  400  1.50 × (1.50–1.50)
onnx                    -       -       -       -    -              failed

onnx: UNIMPLEMENTED: status 501: { "error": "no kernel" }

Recommended: batches of 8

npx tensorflow_model_server \\
  --rest_api_port=8501 \\
  '--model_name=my model' \\
  '--model_base_path=/models/my model' \\
  --enable_batching \\
  --batching_parameters_file=batching.config

batching.config:
max_batch_size { value: 8 }

In an application:

import { ModelServer } from '@serving/core';
import { RestServer } from '@serving/http';
import { savedModelPlatform } from '@serving/savedmodel';

const server = await ModelServer.start({
  models: [{ name: 'my model', basePath: '/models/my model' }],
  platforms: { tensorflow: savedModelPlatform() },
  batching: { maxBatchSize: 8 },
});
const rest = await RestServer.listen(server, { port: 8501, threads: 'auto' });
`);
  });

  it('says when nothing is better than the default, and when it was stopped', () => {
    const text = (result: TuneResult): string => tuneTable(tuneReport(result, model, base, head));
    expect(text(resultOf([record(base, 1)]))).toContain(
      '\nRecommended: default\nNothing else is better by more than the noise.\n',
    );
    expect(text(resultOf([record(base, 1)], undefined, true))).toMatch(
      /\nStopped before the end: no recommendation\.\n$/,
    );
  });
});

describe('tuneRemarks', () => {
  it('is silent about a plain result', () => {
    expect(tuneRemarks(resultOf([record(base, 1), record(batches, 1.5)], batches), facts)).toEqual([]);
  });

  it('names batches that were better and may not be safe', () => {
    const remarks = tuneRemarks(resultOf([record(base, 1), record(batches, 1.5)]), { ...facts, batching: 'unproven' });
    expect(remarks).toEqual([expect.stringContaining('If they do not, take batches of 8 (1.50 ×).')]);
  });

  it.each<[what: string, ratio: number, bytes: number, isTold: boolean]>([
    ['take half of the memory at the same speed', 1, 2e8, true],
    ['take half of the memory and are slower', 0.8, 2e8, false],
    ['take as much memory', 1, 3.9e8, false],
  ])('names mapped weights that %s', (_, ratio, bytes, isTold) => {
    const mapped = record({ engine: 'onnx', weights: 'mapped' }, ratio, bytes);
    const remarks = tuneRemarks(resultOf([record(base, 1), mapped]), facts);
    expect(remarks).toEqual(
      isTold ? ['onnx, mapped weights: 200 MB instead of 400 MB at 1.00 × of the recommended one.'] : [],
    );
  });

  it('warns of inline runs', () => {
    const inline: TuneSettings = { engine: 'onnx', runMode: 'inline' };
    expect(tuneRemarks(resultOf([record(base, 1), record(inline, 2)], inline), facts)).toEqual([
      expect.stringContaining('holds its serving thread'),
    ]);
  });
});
