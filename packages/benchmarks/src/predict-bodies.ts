/** The same floats as predict bodies in every form. */
import { encodeNpy } from '@serving/core/npy';
import { createTensor, type Tensor, tensorBytes } from '@serving/core/tensor';
import { encodePredictRequestMessage } from '@serving/protos/messages';
import type { Post } from './load.js';

/** Floats of so many significant digits, as a client would send them. */
export function floatsOf(shape: readonly number[], digits: number): number[] {
  let seed = 12345;
  const count = shape.reduce((product, size) => product * size, 1);
  return Array.from({ length: count }, () => {
    seed = (Math.imul(seed, 1103515245) + 12345) & 0x7fffffff;
    return Number((seed / 0x7fffffff).toPrecision(digits));
  });
}

/** `{"instances": …}`. */
export function jsonBody(values: readonly number[], shape: readonly number[]): Post {
  let nested: unknown[] = [...values];
  for (const size of shape.slice(1).reverse()) {
    nested = Array.from({ length: nested.length / size }, (_, i) => nested.slice(i * size, (i + 1) * size));
  }
  return { body: JSON.stringify({ instances: nested }) };
}

/** The non-JSON bodies, by their names in reports. */
export function binaryBodies(input: string, values: readonly number[], shape: readonly number[]): Map<string, Post> {
  const tensor: Tensor = createTensor('float', shape, Float32Array.from(values));
  const request = { modelSpec: { name: '', signatureName: '' }, inputs: { [input]: tensor } };
  return new Map([
    [
      'raw',
      {
        body: tensorBytes(tensor),
        headers: { 'Content-Type': 'application/octet-stream', 'Serving-Shape': shape.join(',') },
      },
    ],
    ['`.npy`', { body: encodeNpy(tensor), headers: { 'Content-Type': 'application/x-npy' } }],
    [
      'protobuf',
      {
        body: encodePredictRequestMessage(request, { asTensorContent: true }),
        headers: { 'Content-Type': 'application/x-protobuf' },
      },
    ],
  ]);
}
