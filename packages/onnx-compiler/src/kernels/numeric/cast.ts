/** `Cast`, with the results that x86 processors have for numbers out of range. */
import { ServingError } from '@serving/core/portable';
import { dataTypeInfo, type Tensor, type TensorDataType } from '@serving/core/tensor';
import { boolAttribute, typeAttribute } from '../../graph/attribute-readers.js';
import { isBig, isComplex, isFloating, numbersOf, numberTensor } from '../elements/numbers.js';
import type { KernelFactory } from '../kernel.js';

/** `Cast`. */
export const castKernel: KernelFactory = ({ attributes }) => {
  const dtype = typeAttribute(attributes, 'DstT') as TensorDataType;
  if (dataTypeInfo(dtype).array === undefined) {
    throw new ServingError('UNIMPLEMENTED', `Cast to ${dtype} is not supported`);
  }
  if (attributes.has('Truncate') && boolAttribute(attributes, 'Truncate') && isFloating(dtype)) {
    throw new ServingError('UNIMPLEMENTED', `Cast to ${dtype} with Truncate is not supported`);
  }
  return ([x]) => [castTo(x!, dtype)];
};

/** A tensor's values as another dtype. */
export function castTo(x: Tensor, dtype: TensorDataType): Tensor {
  if (x.dtype === dtype) return x;
  if (x.dtype === 'string') throw new ServingError('UNIMPLEMENTED', `Cast string to ${dtype} is not supported`);
  if (isComplex(x.dtype)) return isComplex(dtype) ? complexAs(x, dtype) : castTo(realPart(x), dtype);
  if (isComplex(dtype)) return complexFrom(castTo(x, dtype === 'complex64' ? 'float' : 'double'), dtype);
  const { shape } = x;
  if (dtype === 'bool') return { dtype, shape, data: Uint8Array.from(numbersOf(x), (value) => (value === 0 ? 0 : 1)) };
  if (isBig(x.dtype) && !isFloating(dtype)) return wrapped(x.data as BigInt64Array, dtype, shape);
  const values = numbersOf(x);
  if (isFloating(dtype) || !isFloating(x.dtype)) return numberTensor(dtype, shape, values);
  if (isBig(dtype)) return bigsFrom(values, dtype, shape);
  const limit = dtype === 'uint32' ? 2 ** 32 : 2 ** 31;
  return numberTensor(
    dtype,
    shape,
    Float64Array.from(values, (value) => (value > -(2 ** 31) - 1 && value < limit ? Math.trunc(value) : 2 ** 31)),
  );
}

function wrapped(values: BigInt64Array, dtype: TensorDataType, shape: readonly number[]): Tensor {
  if (isBig(dtype)) {
    const { buffer, byteOffset, length } = values;
    return { dtype, shape, data: new (dataTypeInfo(dtype).array!)(buffer, byteOffset, length) } as unknown as Tensor;
  }
  const low = Array.from(values, (value) => Number(BigInt.asIntN(32, value)));
  return numberTensor(dtype, shape, low);
}

const LIMIT = 2 ** 63;

function bigsFrom(values: ArrayLike<number>, dtype: 'int64' | 'uint64', shape: readonly number[]): Tensor {
  const limit = dtype === 'uint64' ? 2 ** 64 : LIMIT;
  const bigs = Array.from(values, (value) => BigInt(value >= -LIMIT && value < limit ? Math.trunc(value) : -LIMIT));
  const data =
    dtype === 'int64' ? BigInt64Array.from(bigs) : BigUint64Array.from(bigs, (big) => BigInt.asUintN(64, big));
  return { dtype, shape, data } as Tensor;
}

function realPart(x: Tensor): Tensor {
  const from = x.data as Float64Array;
  const dtype = x.dtype === 'complex64' ? 'float' : 'double';
  return numberTensor(
    dtype,
    x.shape,
    Float64Array.from({ length: from.length / 2 }, (_, i) => from[2 * i]!),
  );
}

function complexFrom(x: Tensor, dtype: 'complex64' | 'complex128'): Tensor {
  const from = x.data as Float64Array;
  const data = new (dataTypeInfo(dtype).array!)(2 * from.length);
  for (let i = 0; i < from.length; i++) data[2 * i] = from[i]!;
  return { dtype, shape: x.shape, data } as unknown as Tensor;
}

function complexAs(x: Tensor, dtype: 'complex64' | 'complex128'): Tensor {
  const data = (dataTypeInfo(dtype).array as unknown as Float64ArrayConstructor).from(x.data as Float64Array);
  return { dtype, shape: x.shape, data } as unknown as Tensor;
}
