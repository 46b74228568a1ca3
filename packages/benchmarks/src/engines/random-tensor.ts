/** Inputs for a model of which only the signature is known. */
import type { TensorInfo } from '@serving/core/extend';
import { createTensor, dataTypeFromNumber, type Tensor } from '@serving/core/tensor';

/** Ids stay below the sizes of the measured models' vocabularies. */
const MAX_ID = 8000;

/** A tensor of `rows` rows: floats from 0 to 1, or ids. Every run of the program makes the same. */
export function randomTensor(info: TensorInfo, rows: number): Tensor {
  const dims = (info.tensorShape?.dim ?? []).map(({ size }) => Number(size));
  const shape = dims.map((size, axis) => (axis === 0 ? rows : size));
  const count = shape.reduce((product, size) => product * size, 1);
  const dtype = dataTypeFromNumber(info.dtype);
  const next = sequence();
  if (dtype === 'float') return createTensor('float', shape, Float32Array.from({ length: count }, next));
  if (dtype === 'int32') {
    return createTensor(
      'int32',
      shape,
      Int32Array.from({ length: count }, () => Math.floor(next() * MAX_ID)),
    );
  }
  throw new Error(`The input ${info.name} is ${dtype}, which this benchmark does not make`);
}

/** Numbers from 0 to 1 of a linear congruential generator. */
function sequence(): () => number {
  let state = 1;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}
