/** Output tensors for the codec, and the same work by `JSON.stringify`. */
import { createTensor, StringArray, type Tensor } from '@serving/core/tensor';
import { encodePredictResponse } from '@serving/json-codec';
import { type CodecContest, randomNumbers } from './codec-decoding.js';

/** Rows of values as arrays, which `JSON.stringify` takes. */
function rowsOf<T>(rows: number, values: ArrayLike<T>): T[][] {
  const size = values.length / rows;
  return Array.from({ length: rows }, (_, row) => Array.from({ length: size }, (_, i) => values[row * size + i]!));
}

function contest(name: string, output: Tensor, predictions: () => unknown): CodecContest {
  const outputs = { y: output };
  return {
    name: `encode ${name}`,
    bytes: encodePredictResponse('row', outputs).length,
    codec: () => encodePredictResponse('row', outputs),
    json: () => Buffer.from(JSON.stringify({ predictions: predictions() })),
  };
}

export function encodeContests(): CodecContest[] {
  const random = randomNumbers();
  const few = Float32Array.of(2.5, 3, 4.5);
  const floats = Float32Array.from({ length: 64_000 }, () => random());
  const rounded = Float32Array.from({ length: 64_000 }, () => Math.round(random() * 1e4) / 1e4);
  const doubles = Float64Array.from({ length: 64_000 }, () => random() + random() / 2 ** 32);
  const longs = BigInt64Array.from({ length: 64_000 }, () => BigInt(Math.floor(random() * 1e13)));
  const words = Array.from({ length: 10_000 }, () => (random() * 2 ** 52).toString(36));
  return [
    contest('3 floats', createTensor('float', [3], few), () => Array.from(few)),
    contest('64×1000 floats', createTensor('float', [64, 1000], floats), () => rowsOf(64, floats)),
    contest('64×1000 floats of 4 digits', createTensor('float', [64, 1000], rounded), () => rowsOf(64, rounded)),
    contest('32,000×2 floats', createTensor('float', [32_000, 2], floats), () => rowsOf(32_000, floats)),
    contest('64×1000 doubles', createTensor('double', [64, 1000], doubles), () => rowsOf(64, doubles)),
    contest('64×1000 int64', createTensor('int64', [64, 1000], longs), () =>
      rowsOf(64, longs).map((row) => row.map(Number)),
    ),
    contest('10,000 strings', createTensor('string', [10_000], StringArray.from(words)), () => words),
  ];
}
