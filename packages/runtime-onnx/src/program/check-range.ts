/** Ids in a request, held against the sizes of the tables that they index. */
import { ServingError } from '@serving/core';
import type { Tensor } from '@serving/core/tensor';
import type { ProgramInput } from '@serving/onnx-compiler';
import { placeOf } from './place-of.js';

/** @throws ServingError `INVALID_ARGUMENT` with TensorFlow's text for the first value below `min` or above `max`. */
export function checkRange({ range }: ProgramInput, { data, shape }: Tensor): void {
  if (range === undefined || 'offsets' in data) return;
  const { min, max } = range;
  for (let i = 0; i < data.length; i++) {
    const value = data[i]!;
    if (value >= min && value <= max) continue;
    throw ServingError.invalidArgument(`indices${placeOf(i, shape)} = ${value} is not in [${min}, ${max + 1})`);
  }
}
