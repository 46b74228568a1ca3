/** The values that callers in process pass → tensors of a signature's data type. */
import type { TensorSpec } from '../servable/signature.js';
import { ServingError } from '../serving-error.js';
import { type DataType, dataTypeInfo, isTensorDataType, type NumericArray, type TensorDataType } from './data-type.js';
import { describeValue, nestedArrayToTensor } from './nested-array.js';
import { StringArray } from './string-array.js';
import type { Tensor } from './tensor.js';
import { zerosAndOnes } from './tensor-bytes.js';
import type { TensorLike, TfjsTensor } from './tensor-like.js';
import { elementCount, MAX_ELEMENTS, MAX_RANK } from './tensor-shape.js';

/**
 * Converts an input. A `Tensor` of the right data type is passed on as it is, typed arrays are used without a copy. Bytes of a
 * `bool` tensor other than 0 count as 1, since kernels would read a 2 as a third value.
 * Nothing is converted between data types, except what tfjs has no type for: its `int32` serves `int64` inputs too and
 * its `float32` `double` ones. The declared shape is ignored.
 *
 * @param path how errors name the input; default `inputs.ALIAS`.
 * @throws ServingError `INVALID_ARGUMENT` with what was expected and what was given.
 */
export function toTensor(value: TensorLike, spec: TensorSpec, path?: string): Tensor {
  // The place is put together only where something is to be said of it.
  return isTensorOf(spec.dtype, value) ? value : convert(value, spec.dtype, path ?? `inputs.${spec.name}`);
}

/** Whether a value is a tensor of numbers that can be used as it is, as far as that is seen at once. */
function isTensorOf(dtype: DataType, value: unknown): value is Tensor {
  if (typeof value !== 'object' || value === null || dtype === 'string' || dtype === 'bool') return false;
  const { dtype: ownType, shape, data } = value as Partial<Tensor>;
  if (ownType !== dtype || !Array.isArray(shape)) return false;
  const { array, width } = dataTypeInfo(dtype);
  if (array === undefined || !(data instanceof array)) return false;
  let count = width;
  for (let i = 0; i < shape.length; i++) {
    const size: number = shape[i];
    if (size !== (size | 0) || size <= 0) return false;
    count *= size;
  }
  return count === data.length && shape.length <= MAX_RANK && count < MAX_ELEMENTS;
}

function convert(value: TensorLike, dtype: DataType, path: string): Tensor {
  if (!isTensorDataType(dtype)) {
    throw new ServingError('INVALID_ARGUMENT', `${path}: tensors of type ${dtype} can't be handed in`);
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    return nestedArrayToTensor(value, dtype, path);
  }
  if (ArrayBuffer.isView(value)) {
    if (dtype === 'string') return nestedArrayToTensor(value, dtype, path);
    return typedArrayToTensor(dtype, undefined, value, path);
  }
  if ('dataSync' in value) return tfjsToTensor(dtype, value, path);
  if ('data' in value && 'shape' in value && Array.isArray(value.shape)) {
    if (!('dtype' in value)) return typedArrayToTensor(dtype, value.shape, value.data, path);
    if (value.dtype !== dtype) throw mismatch(path, dtype, `${String(value.dtype)}`);
    return checkedTensor(dtype, value as Tensor, path);
  }
  throw mismatch(path, dtype, describeValue(value));
}

function checkedTensor(dtype: TensorDataType, tensor: Tensor, path: string): Tensor {
  const { data, shape } = tensor;
  if (dtype === 'string') {
    if (!isStringArray(data)) throw mismatch(path, dtype, `a string tensor whose data is ${describeValue(data)}`);
  } else checkArrayType(dtype, data, path);
  checkLength(dtype, shape, data.length, path);
  if (dtype !== 'bool') return tensor;
  const booleans = zerosAndOnes(data as Uint8Array);
  return booleans === data ? tensor : { dtype, shape, data: booleans };
}

function typedArrayToTensor(
  dtype: TensorDataType,
  shape: readonly number[] | undefined,
  data: unknown,
  path: string,
): Tensor {
  checkArrayType(dtype, data, path);
  const ownShape = shape ?? [data.length / dataTypeInfo(dtype).width];
  checkLength(dtype, ownShape, data.length, path);
  if (dtype === 'bool') checkBooleans(data, path);
  return { dtype, shape: ownShape, data } as Tensor;
}

function tfjsToTensor(dtype: TensorDataType, tensor: TfjsTensor, path: string): Tensor {
  const { shape } = tensor;
  const values = tensor.dataSync();
  const source = tfjsTypes.get(tensor.dtype);
  if (source === 'string' && dtype === 'string' && Array.isArray(values)) {
    const data = StringArray.from(values);
    checkLength(dtype, shape, data.length, path);
    return { dtype, shape, data };
  }
  if (source === dtype) return typedArrayToTensor(dtype, shape, values, path);
  if (source === 'int32' && dtype === 'int64' && values instanceof Int32Array) {
    return typedArrayToTensor(dtype, shape, BigInt64Array.from(values, BigInt), path);
  }
  if (source === 'float' && dtype === 'double' && values instanceof Float32Array) {
    return typedArrayToTensor(dtype, shape, Float64Array.from(values), path);
  }
  throw mismatch(path, dtype, `a tf.Tensor of ${tensor.dtype}`);
}

const tfjsTypes: ReadonlyMap<string, TensorDataType> = new Map([
  ['float32', 'float'],
  ['int32', 'int32'],
  ['bool', 'bool'],
  ['string', 'string'],
  ['complex64', 'complex64'],
]);

/** By name, since a typed array may come from another realm. */
function checkArrayType(dtype: TensorDataType, data: unknown, path: string): asserts data is NumericArray {
  const expected = dataTypeInfo(dtype).array?.name;
  const actual = ArrayBuffer.isView(data) ? (data as NumericArray)[Symbol.toStringTag] : undefined;
  if (expected === undefined || actual !== expected) {
    throw mismatch(path, `${dtype}, held in ${expected ?? 'strings'}`, actual ?? describeValue(data));
  }
}

function checkLength(dtype: TensorDataType, shape: readonly number[], length: number, path: string): void {
  let expected: number;
  try {
    expected = elementCount(shape) * dataTypeInfo(dtype).width;
  } catch (error) {
    throw ServingError.from(error).prefixed(`${path}: `);
  }
  if (length === expected) return;
  throw new ServingError(
    'INVALID_ARGUMENT',
    `${path}: a ${dtype} tensor of shape [${shape}] holds ${expected} values, got ${length}`,
  );
}

function checkBooleans(data: NumericArray, path: string): void {
  for (let i = 0; i < data.length; i += 1) {
    if (data[i]! > 1) throw mismatch(`${path}[${i}]`, 'bool, held as 0 or 1', String(data[i]));
  }
}

/** A string tensor's data, by its form: it may come from another copy of this package. */
function isStringArray(data: unknown): data is StringArray {
  return (
    typeof data === 'object' &&
    data !== null &&
    (data as Partial<StringArray>).offsets instanceof Uint32Array &&
    ArrayBuffer.isView((data as Partial<StringArray>).bytes)
  );
}

function mismatch(path: string, expected: string, got: string): ServingError {
  return new ServingError('INVALID_ARGUMENT', `${path}: expected ${expected}, got ${got}`);
}
