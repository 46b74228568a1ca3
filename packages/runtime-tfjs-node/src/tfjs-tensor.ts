/** `tf.Tensor` to and from our tensors. */
import { ServingError } from '@serving/core';
import { createTensor, StringArray, type Tensor } from '@serving/core/tensor';
import type * as tfjs from '@tensorflow/tfjs-node';

/** The part of the `tf` module that is used; any tfjs package has it. */
export type TfjsModule = Pick<typeof tfjs, 'tensor' | 'complex' | 'tidy'>;

/**
 * Makes a `tf.Tensor` of a copy of the values; the caller disposes it. tfjs knows few data types: float, bool, string and
 * complex64 stay what they are, 8-, 16- and 32-bit integers become int32.
 *
 * @param tf the application's `tf` module.
 * @throws ServingError `INVALID_ARGUMENT` when a number doesn't fit in an int32 (int64, uint32), `UNIMPLEMENTED` for data
 * types that tfjs has no exact counterpart of.
 * @example
 * ```ts
 * const { outputs } = await server.predict({ model: 'digits', inputs: { image } });
 * const probabilities = toTfjsTensor(tf, outputs.probabilities);
 * ```
 */
export function toTfjsTensor(tf: TfjsModule, tensor: Tensor): tfjs.Tensor {
  const { dtype, data } = tensor;
  const shape = tensor.shape.slice();
  if (data instanceof StringArray) {
    const strings = Array.from({ length: data.length }, (_, i) => data.at(i).slice());
    return tf.tensor(strings, shape, 'string');
  }
  switch (dtype) {
    case 'float':
      return tf.tensor(Float32Array.from(data as Float32Array), shape, 'float32');
    case 'bool':
      return tf.tensor(Uint8Array.from(data as Uint8Array), shape, 'bool');
    case 'complex64': {
      const pairs = data as Float32Array;
      const part = (offset: number): tfjs.Tensor =>
        tf.tensor(
          Float32Array.from({ length: pairs.length / 2 }, (_, i) => pairs[2 * i + offset]!),
          shape,
          'float32',
        );
      return tf.tidy(() => tf.complex(part(0), part(1)));
    }
    case 'int8':
    case 'uint8':
    case 'int16':
    case 'uint16':
    case 'int32':
    case 'uint32':
    case 'int64':
      return tf.tensor(toInt32(dtype, data as Exclude<typeof data, BigUint64Array>), shape, 'int32');
    default:
      throw new ServingError('UNIMPLEMENTED', `tfjs has no data type that holds ${dtype} tensors exactly`);
  }
}

/**
 * Makes a tensor of a copy of a `tf.Tensor`'s values: float32, int32, bool, string and complex64. The int64 outputs of
 * `tf.node`'s own SavedModels, which call themselves int32, become int64. Strings come over byte by byte.
 *
 * @throws ServingError `INVALID_ARGUMENT` (as a rejection) for a tensor that is disposed or of another data type.
 */
export async function fromTfjsTensor(tensor: tfjs.Tensor): Promise<Tensor> {
  const shape = tensor.shape.slice();
  if (tensor.isDisposed) throw new ServingError('INVALID_ARGUMENT', 'The tf.Tensor is disposed');
  if (tensor.dtype === 'string') {
    return createTensor('string', shape, StringArray.from((await tensor.bytes()) as Uint8Array[]));
  }
  const values: unknown = await tensor.data();
  switch (tensor.dtype) {
    case 'float32':
      return createTensor('float', shape, Float32Array.from(values as Float32Array));
    case 'int32':
      return values instanceof BigInt64Array
        ? createTensor('int64', shape, values.slice())
        : createTensor('int32', shape, Int32Array.from(values as Int32Array));
    case 'bool':
      return createTensor('bool', shape, Uint8Array.from(values as Uint8Array));
    case 'complex64':
      return createTensor('complex64', shape, Float32Array.from(values as Float32Array));
    default:
      throw new ServingError('INVALID_ARGUMENT', `A tf.Tensor of data type ${tensor.dtype} can't be used`);
  }
}

function toInt32(dtype: string, data: Iterable<number | bigint> & { readonly length: number }): Int32Array {
  const result = new Int32Array(data.length);
  let i = 0;
  for (const value of data) {
    result[i] = Number(value);
    if (result[i] !== Number(value)) {
      throw new ServingError(
        'INVALID_ARGUMENT',
        `${value}, element ${i} of the ${dtype} tensor, doesn't fit in an int32`,
      );
    }
    i++;
  }
  return result;
}
