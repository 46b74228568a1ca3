/** NumPy's conversion of arrays between data types. */
import {
  dataTypeEnumName,
  dataTypeInfo,
  fromBfloat16,
  fromHalf,
  type NumericArray,
  StringArray,
  type Tensor,
  type TensorDataType,
  toBfloat16,
  toHalf,
} from '@serving/core/tensor';
import { PythonError } from './python-error.js';

/**
 * `array.astype(dtype)`: fractions are cut off for integers, which wrap around; anything but zero is true. Complex numbers
 * lose their imaginary part in other types.
 *
 * @throws PythonError `ValueError` between numbers and strings.
 */
export function castTensor(tensor: Tensor, dtype: TensorDataType): Tensor {
  if (tensor.dtype === dtype) return tensor;
  const { shape, data } = tensor;
  if (data instanceof StringArray || dtype === 'string') {
    throw new PythonError(
      'ValueError',
      `an array of ${tensor.dtype} can't become one of ${dataTypeEnumName(dataTypeInfo(dtype).number)}`,
    );
  }
  const { array: ArrayType, width } = dataTypeInfo(dtype);
  const sourceWidth = dataTypeInfo(tensor.dtype).width;
  const count = data.length / sourceWidth;
  const result: NumericArray = new ArrayType!(count * width);
  const read = reader(tensor.dtype, data);
  const write = writer(dtype, result);
  for (let i = 0; i < count; i++) {
    for (let part = 0; part < Math.min(width, sourceWidth); part++)
      write(i * width + part, read(i * sourceWidth + part));
  }
  return { dtype, shape, data: result } as Tensor;
}

function reader(dtype: TensorDataType, data: NumericArray): (index: number) => number | bigint {
  if (dtype === 'half') return (index) => fromHalf(Number(data[index]));
  if (dtype === 'bfloat16') return (index) => fromBfloat16(Number(data[index]));
  return (index) => data[index]!;
}

function writer(dtype: TensorDataType, result: NumericArray): (index: number, value: number | bigint) => void {
  const encode = encoder(dtype, result);
  return (index, value) => {
    result[index] = encode(value) as never;
  };
}

function encoder(dtype: TensorDataType, result: NumericArray): (value: number | bigint) => number | bigint {
  if (dtype === 'half') return (value) => toHalf(Number(value));
  if (dtype === 'bfloat16') return (value) => toBfloat16(Number(value));
  if (dtype === 'bool') return (value) => (value ? 1 : 0);
  if (result instanceof BigInt64Array || result instanceof BigUint64Array) return toBigInt;
  if (result instanceof Float32Array || result instanceof Float64Array) return Number;
  return (value) => (typeof value === 'bigint' ? Number(BigInt.asIntN(32, value)) : value);
}

function toBigInt(value: number | bigint): bigint {
  return typeof value === 'bigint' ? value : BigInt(Number.isFinite(value) ? Math.trunc(value) : 0);
}
