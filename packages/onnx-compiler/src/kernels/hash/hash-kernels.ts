/** Kernels of hash buckets and fingerprints. */
import { ServingError } from '@serving/core/portable';
import { StringArray, type Tensor, tensorBytes } from '@serving/core/tensor';
import { intAttribute, intsAttribute } from '../../graph/attribute-readers.js';
import { productOf } from '../elements/strides.js';
import { stringsOf } from '../elements/string-builder.js';
import type { KernelContext, KernelFactory } from '../kernel.js';
import { fingerprint64 } from './farm-hash.js';
import { legacyHash, sipHash } from './keyed-hash.js';

function bucketKernel(hashOf: (context: KernelContext) => (bytes: Uint8Array) => bigint): KernelFactory {
  return (context) => {
    const buckets = BigInt(intAttribute(context.attributes, 'num_buckets'));
    const hash = hashOf(context);
    return ([x]) => {
      const strings = stringsOf(x!);
      const data = new BigInt64Array(strings.length);
      for (let i = 0; i < data.length; i++) data[i] = hash(strings.at(i)) % buckets;
      return [{ dtype: 'int64', shape: x!.shape, data }];
    };
  };
}

function keyOf({ attributes }: KernelContext): readonly [bigint, bigint] {
  const key = intsAttribute(attributes, 'key');
  if (key.length !== 2) throw new ServingError('INVALID_ARGUMENT', 'Key must have 2 elements');
  const [first, second] = key.map((part) => BigInt.asUintN(64, BigInt(part)));
  return [first!, second!];
}

/** `Fingerprint`: of the bytes of each row. */
const fingerprintKernel: KernelFactory =
  () =>
  ([x, methodTensor]) => {
    const method = stringsOf(methodTensor!).toStrings()[0];
    if (method !== 'farmhash64')
      throw new ServingError('INVALID_ARGUMENT', `Unsupported fingerprint method: ${method}`);
    const rows = x!.shape[0] ?? 0;
    const data = new Uint8Array(8 * rows);
    const view = new DataView(data.buffer);
    for (let row = 0; row < rows; row++) view.setBigUint64(8 * row, fingerprint64(rowBytes(x!, row, rows)), true);
    return [{ dtype: 'uint8', shape: [rows, 8], data }];
  };

/** A row of numbers is its bytes; a row of one string that string, of several the fingerprints of each. */
function rowBytes(x: Tensor, row: number, rows: number): Uint8Array {
  if (x.data instanceof StringArray) {
    const width = productOf(x.shape, 1);
    if (width === 1) return x.data.at(row);
    const hashes = new DataView(new ArrayBuffer(8 * width));
    for (let i = 0; i < width; i++) hashes.setBigUint64(8 * i, fingerprint64(x.data.at(row * width + i)), true);
    return new Uint8Array(hashes.buffer);
  }
  const bytes = tensorBytes(x);
  const width = bytes.length / rows;
  return bytes.subarray(row * width, (row + 1) * width);
}

/** Kernels of hash buckets and fingerprints, by operation. */
export const hashKernels: ReadonlyMap<string, KernelFactory> = new Map(
  Object.entries({
    Fingerprint: fingerprintKernel,
    StringToHashBucket: bucketKernel(() => legacyHash),
    StringToHashBucketFast: bucketKernel(() => fingerprint64),
    StringToHashBucketStrong: bucketKernel((context) => {
      const key = keyOf(context);
      return (bytes) => sipHash(bytes, key);
    }),
  }),
);
