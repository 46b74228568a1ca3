/** Tensors in bytes: `DecodeRaw`, `DecodePaddedRaw`, `ParseTensor` and `DecodeCompressed`. */
import { gunzipSync, inflateSync } from 'node:zlib';
import { ServingError } from '@serving/core';
import { dataTypeInfo, type Tensor, type TensorDataType, tensorFromBytes } from '@serving/core/tensor';
import { decodeTensorProto } from '@serving/protos/tensor';
import { boolAttribute, textAttribute, typeAttribute } from '../../graph/attribute-readers.js';
import { integerOf } from '../elements/numbers.js';
import { mapStrings, stringsOf } from '../elements/string-builder.js';
import type { KernelFactory } from '../kernel.js';

function swapped(bytes: Uint8Array, size: number): Uint8Array {
  const copy = bytes.slice();
  for (let at = 0; at < copy.length; at += size) copy.subarray(at, at + size).reverse();
  return copy;
}

/** Numbers of bytes with the high one first where `bigEndian`. */
function fromBytes(dtype: TensorDataType, shape: readonly number[], bytes: Uint8Array, bigEndian: boolean): Tensor {
  const size = dataTypeInfo(dtype).array!.BYTES_PER_ELEMENT;
  const ordered = bigEndian && size > 1 ? swapped(bytes, size) : bytes;
  return tensorFromBytes(dtype as Exclude<TensorDataType, 'string'>, shape, ordered);
}

function widthOf(dtype: TensorDataType): number {
  const { array, width } = dataTypeInfo(dtype);
  if (array === undefined) throw new ServingError('UNIMPLEMENTED', `numbers of ${dtype} have no raw form`);
  return array.BYTES_PER_ELEMENT * width;
}

const decodeRaw: KernelFactory = ({ attributes }) => {
  const dtype = typeAttribute(attributes, 'out_type') as TensorDataType;
  const bigEndian = !boolAttribute(attributes, 'little_endian', true);
  const size = widthOf(dtype);
  return ([x]) => {
    const strings = stringsOf(x!);
    if (strings.length === 0) return [fromBytes(dtype, [...x!.shape, 0], new Uint8Array(0), false)];
    const { length } = strings.at(0);
    for (let i = 1; i < strings.length; i++) {
      if (strings.at(i).length === length) continue;
      throw new ServingError(
        'INVALID_ARGUMENT',
        `DecodeRaw requires input strings to all be the same size, but element ${i} has size ${length} != ${strings.at(i).length}`,
      );
    }
    if (length % size !== 0) {
      throw new ServingError(
        'INVALID_ARGUMENT',
        `Input to DecodeRaw has length ${length} that is not a multiple of ${size}, the size of ${dtype}`,
      );
    }
    const first = strings.offsets[0]!;
    const bytes = strings.bytes.subarray(first, first + strings.byteLength);
    return [fromBytes(dtype, [...x!.shape, length / size], bytes, bigEndian)];
  };
};

const decodePaddedRaw: KernelFactory = ({ attributes }) => {
  const dtype = typeAttribute(attributes, 'out_type') as TensorDataType;
  const bigEndian = !boolAttribute(attributes, 'little_endian', true);
  const size = widthOf(dtype);
  return ([x, lengthTensor]) => {
    const length = integerOf(lengthTensor!);
    if (length <= 0) throw new ServingError('INVALID_ARGUMENT', `fixed_length must be greater than 0, got ${length}`);
    if (length % size !== 0) {
      throw new ServingError(
        'INVALID_ARGUMENT',
        `fixed_length (${length}) must be a multiple of the size of out_type (${size})`,
      );
    }
    const strings = stringsOf(x!);
    const bytes = new Uint8Array(strings.length * length);
    for (let i = 0; i < strings.length; i++) bytes.set(strings.at(i).subarray(0, length), i * length);
    return [fromBytes(dtype, [...x!.shape, length / size], bytes, bigEndian)];
  };
};

const parseTensor: KernelFactory = ({ attributes }) => {
  const dtype = typeAttribute(attributes, 'out_type');
  return ([x]) => {
    const bytes = stringsOf(x!).at(0);
    let tensor: Tensor;
    try {
      tensor = decodeTensorProto(bytes, 'serialized');
    } catch (cause) {
      const text = Buffer.from(bytes).toString('base64');
      throw new ServingError('INVALID_ARGUMENT', `Could not parse \`serialized\` as TensorProto, base64: ${text}`, {
        cause,
      });
    }
    if (tensor.dtype === dtype) return [tensor];
    throw new ServingError(
      'INVALID_ARGUMENT',
      `Type mismatch between parsed tensor (${tensor.dtype}) and dtype (${dtype})`,
    );
  };
};

/** A request may not become more than this by decompression. */
const MAX_INFLATED = 2 ** 28;

const decodeCompressed: KernelFactory = ({ attributes }) => {
  const type = textAttribute(attributes, 'compression_type');
  if (!['', 'ZLIB', 'GZIP'].includes(type)) {
    throw new ServingError('UNIMPLEMENTED', `Only ZLIB, GZIP or NONE are supported compressions (got "${type}")`);
  }
  if (type === '') return ([x]) => [x!];
  const inflate = type === 'GZIP' ? gunzipSync : inflateSync;
  return ([x]) => [
    mapStrings(x!, (value) => {
      try {
        return inflate(value, { maxOutputLength: MAX_INFLATED });
      } catch (cause) {
        throw new ServingError(
          'INVALID_ARGUMENT',
          `Failed to uncompress a string of ${value.length} bytes as ${type}`,
          { cause },
        );
      }
    }),
  ];
};

/** Kernels of tensors in bytes, by operation. */
export const rawKernels: Readonly<Record<string, KernelFactory>> = {
  DecodeCompressed: decodeCompressed,
  DecodePaddedRaw: decodePaddedRaw,
  DecodeRaw: decodeRaw,
  ParseTensor: parseTensor,
};
