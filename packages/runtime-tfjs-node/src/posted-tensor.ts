/** Tensors to and from the worker thread. */
import { ServingError } from '@serving/core';
import { dataTypeInfo, StringArray, type Tensor } from '@serving/core/tensor';
import type { PostedTensor } from './worker-messages.js';

/**
 * TensorFlow takes over memory that starts at a multiple of its alignment and may free it on a thread of its own, where
 * the addon must not be called; from any other place it copies. An address four bytes past an allocation is never such a multiple.
 */
const OFFSET = 4;

/** A copy of a tensor in buffers of its own. */
export function toPostedTensor(tensor: Tensor): PostedTensor {
  const { dtype, shape, data } = tensor;
  if (data instanceof StringArray) {
    const start = data.offsets[0]!;
    const bytes = data.bytes.slice(start, start + data.byteLength);
    return { dtype: 'string', shape, bytes, offsets: data.offsets.map((offset) => offset - start) };
  }
  switch (dtype) {
    case 'float':
    case 'int32':
    case 'int64':
    case 'uint8':
    case 'bool': {
      const offset = Math.max(OFFSET, data.BYTES_PER_ELEMENT);
      const copy = new (dataTypeInfo(dtype).array!)(new ArrayBuffer(offset + data.byteLength), offset, data.length);
      (copy as Float32Array).set(data as Float32Array);
      return { dtype, shape, data: copy } as PostedTensor;
    }
    default:
      throw new ServingError('UNIMPLEMENTED', `tfjs-node can't be fed tensors of data type ${dtype}`);
  }
}

/** The tensor that arrived; it owns its buffers. */
export function fromPostedTensor(posted: PostedTensor): Tensor {
  if (posted.dtype !== 'string') return posted;
  return { dtype: 'string', shape: posted.shape, data: new StringArray(posted.bytes, posted.offsets) };
}
