/** Ids in a request, held against the sizes of the tables that they index. */
import { ServingError } from '@serving/core';
import type { Tensor } from '@serving/core/tensor';
import type { ProgramInput } from '@serving/onnx-compiler';

/** @throws ServingError `INVALID_ARGUMENT` with the range's message for a value below `min` or above `max`. */
export function checkRange({ range }: ProgramInput, { data }: Tensor): void {
  if (range === undefined || 'offsets' in data) return;
  const { min, max, message } = range;
  for (let i = 0; i < data.length; i++) {
    const value = data[i]!;
    if (!(value >= min && value <= max)) throw ServingError.invalidArgument(message);
  }
}
