/** Tensors → NumPy's `.npy` files. */
import { StringArray, type Tensor } from '../tensor/index.js';
import { type NumericDataType, npyDescription } from './npy-dtype.js';
import { NPY_MAGIC } from './npy-header.js';
import { encodePickledStrings } from './pickled-strings.js';

/** Data begins at a multiple of this. */
const ALIGNMENT = 64;

/** What `numpy.save` writes of the array that TensorFlow gives Python for this tensor. */
export function encodeNpy({ dtype, shape, data }: Tensor): Buffer {
  if (data instanceof StringArray) return encodeStrings(shape, data);
  const content = Buffer.from(data.buffer, data.byteOffset, data.byteLength);
  return withHeader(npyDescription(dtype as NumericDataType), shape, content);
}

/** A scalar is a string of fixed size; other tensors are arrays of objects. */
function encodeStrings(shape: readonly number[], strings: StringArray): Buffer {
  if (shape.length > 0) return withHeader("'|O'", shape, encodePickledStrings(shape, strings));
  const bytes = strings.at(0);
  const size = Math.max(bytes.length, 1);
  return withHeader(`'|S${size}'`, shape, Buffer.concat([bytes, Buffer.alloc(size - bytes.length)]));
}

function withHeader(description: string, shape: readonly number[], content: Uint8Array): Buffer {
  const tuple = `(${shape.join(', ')}${shape.length === 1 ? ',' : ''})`;
  const text = `{'descr': ${description}, 'fortran_order': False, 'shape': ${tuple}, }`;
  // NumPy leaves room for the first dimension to grow in place.
  const growth = shape.length > 0 ? ' '.repeat(GROWTH_DIGITS - String(shape[0]).length) : '';
  const head = NPY_MAGIC.length + 4 + text.length + growth.length + 1;
  const padding = ' '.repeat(ALIGNMENT - (head % ALIGNMENT));
  const line = Buffer.from(`${text}${growth}${padding}\n`, 'latin1');
  const lengths = Buffer.from([1, 0, line.length & 255, line.length >> 8]);
  return Buffer.concat([NPY_MAGIC, lengths, line, content]);
}

const GROWTH_DIGITS = 21;
