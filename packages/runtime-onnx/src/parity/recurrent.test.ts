import { createTensor, type Tensor } from '@serving/core/tensor';
import { expect, it } from 'vitest';
import {
  type RecurrentModelOptions,
  recurrentModel,
  WIDTH,
} from '../../../onnx-compiler/src/recurrent/recurrent-model.test-support.js';
import { type CaseTensors, compareModel } from './both-engines.test-support.js';

const layers: readonly RecurrentModelOptions[] = (['lstm', 'gru-after', 'gru-before', 'simple'] as const).flatMap(
  (cell) => [
    { cell },
    { cell, returns: 'last' },
    { cell, dtype: 'double' },
    { cell, gates: 'hard_sigmoid', activation: 'Relu' },
    { cell, gates: 'older_hard_sigmoid', activation: 'Sigmoid' },
    { cell, masked: 'repeat' },
    { cell, masked: 'repeat', returns: 'last' },
    { cell, masked: 'zeros' },
    { cell, unusual: true },
  ],
);

/** Masks of [steps, batch] by rows of the batch: all, some at each end, gaps, none. */
const masks = ['111111', '111000', '000111', '101101', '010000', '000000'];

function sequence(dtype: 'float' | 'double', steps: number, rows: number): Tensor {
  const values = Array.from({ length: steps * rows * WIDTH }, (_, i) => Math.cos(i * 1.7) * 2);
  const data = dtype === 'float' ? Float32Array.from(values) : Float64Array.from(values);
  return createTensor(dtype, [steps, rows, WIDTH], data as never);
}

function mask(steps: number, rows: number): Tensor {
  const data = Uint8Array.from({ length: steps * rows }, (_, i) => Number(masks[i % rows]![Math.floor(i / rows)]));
  return createTensor('bool', [steps, rows, 1], data);
}

function runOf({ cell, masked, dtype = 'float' }: RecurrentModelOptions, steps: number, rows: number): CaseTensors {
  return {
    feeds: ['x:0', ...(masked ? ['mask:0'] : [])],
    fetches: ['stack:0', 'loop:4', ...(cell === 'lstm' ? ['loop:5'] : [])],
    values: [sequence(dtype, steps, rows), ...(masked ? [mask(steps, rows)] : [])],
  };
}

it.each(layers)('ONNX Runtime answers a recurrent layer as TensorFlow does: %j', async (options) => {
  const runs = [runOf(options, 6, 1), runOf(options, 6, 6), runOf(options, 1, 2)];
  const tolerance = options.dtype === 'double' ? undefined : { relative: 1e-4, absolute: 1e-5 };
  expect(await compareModel(recurrentModel(options), runs, tolerance)).toEqual(runs.map(() => undefined));
});
