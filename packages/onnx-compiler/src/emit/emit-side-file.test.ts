import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { SmallGraph } from '../graph/small-graph.test-support.js';
import { inferShapes } from '../shapes/infer-shapes.js';
import { emitModel } from './emit-model.js';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'emit-'));
});
afterEach(() => rm(folder, { recursive: true }));

/** A convolution with a filter of 1 MiB. */
function emitted(weightsFolder?: string) {
  const g = new SmallGraph();
  const filter = g.floats([1, 1, 512, 512], Array(512 * 512).fill(0.5));
  const of = { strides: [1, 1, 1, 1], dilations: [1, 1, 1, 1], padding: 'SAME', data_format: 'NHWC' };
  const x = g.input('x', [-1, 4, 4, 512]);
  const graph = g.signature(g.op('Conv2D', [x, filter], of));
  inferShapes(graph);
  const inputs = [{ source: x, value: 0 }];
  const outputs = [{ source: graph.outputs[0]!.source, value: 1 }];
  const options = { float64: 'refuse', guards: true, nan: 'onnx', weightsFolder } as const;
  return emitModel({ inputs, outputs, guards: [] }, options, [])!.step;
}

it('large weights in the layout of ONNX go into a file of the folder', () => {
  const { model, externalWeights } = emitted(folder);
  expect(externalWeights).toMatchObject([{ path: expect.stringContaining('.weights'), offset: 0, length: 2 ** 20 }]);
  expect(externalWeights[0]!.path.endsWith(externalWeights[0]!.location)).toBe(true);
  expect(model.length).toBeLessThan(10_000);
});

it('they are part of the model without a folder', () => {
  const { model, externalWeights } = emitted();
  expect(externalWeights).toEqual([]);
  expect(model.length).toBeGreaterThan(2 ** 20);
});
