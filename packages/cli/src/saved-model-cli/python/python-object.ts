/** Values of Python expressions. */
import { createTensor, dataTypeInfo, StringArray, type Tensor, type TensorDataType } from '@serving/core/tensor';
import { castTensor } from './cast-tensor.js';
import { PythonError } from './python-error.js';

/** An `int` is a bigint, a `float` a number, a NumPy array or scalar a tensor; a tuple is a list here. */
export type PythonObject =
  | null
  | boolean
  | bigint
  | number
  | string
  | Uint8Array
  | readonly PythonObject[]
  | ReadonlyMap<PythonObject, PythonObject>
  | Tensor;

/** Whether it is an array of NumPy's. */
export function isTensor(value: PythonObject): value is Tensor {
  return typeof value === 'object' && value !== null && 'dtype' in value;
}

/** Whether it is a list or a tuple. */
export function isList(value: PythonObject): value is readonly PythonObject[] {
  return Array.isArray(value);
}

/**
 * `numpy.asarray`: integers become int64, a float among them makes all double, text and bytes become strings.
 *
 * @throws PythonError `ValueError` for lists of unequal lengths, and for what has no place in an array.
 */
export function toArray(value: PythonObject, dtype?: TensorDataType): Tensor {
  if (isTensor(value)) return dtype === undefined ? value : castTensor(value, dtype);
  const shape: number[] = [];
  for (let at: PythonObject = value; isList(at); at = at[0] ?? null) {
    shape.push(at.length);
    if (at.length === 0) break;
  }
  const leaves: PythonObject[] = [];
  collectLeaves(value, shape, 0, leaves);
  const array = fromLeaves(leaves, shape);
  return dtype === undefined ? array : castTensor(array, dtype);
}

function collectLeaves(value: PythonObject, shape: readonly number[], depth: number, leaves: PythonObject[]): void {
  if (depth === shape.length && !isList(value)) {
    leaves.push(value);
    return;
  }
  if (!isList(value) || depth === shape.length || value.length !== shape[depth]) {
    throw new PythonError(
      'ValueError',
      `setting an array element with a sequence. The requested array has an inhomogeneous shape after ${depth} dimensions.`,
    );
  }
  for (const item of value) collectLeaves(item, shape, depth + 1, leaves);
}

function fromLeaves(leaves: readonly PythonObject[], innerShape: readonly number[]): Tensor {
  if (leaves.some(isComplex)) return complexArray(leaves, innerShape);
  const isArrays = leaves.length > 0 && leaves.every(isTensor);
  if (isArrays) return stack(leaves, innerShape);
  if (leaves.length > 0 && leaves.every((leaf) => typeof leaf === 'string' || leaf instanceof Uint8Array)) {
    return createTensor('string', innerShape, StringArray.from(leaves));
  }
  if (leaves.length > 0 && leaves.every((leaf) => typeof leaf === 'boolean')) {
    return createTensor('bool', innerShape, Uint8Array.from(leaves, Number));
  }
  if (leaves.length > 0 && leaves.every((leaf) => typeof leaf === 'bigint' || typeof leaf === 'boolean')) {
    return createTensor('int64', innerShape, BigInt64Array.from(leaves, BigInt));
  }
  const numbers = leaves.map((leaf) => {
    if (typeof leaf === 'number' || typeof leaf === 'bigint' || typeof leaf === 'boolean') return Number(leaf);
    throw new PythonError('ValueError', 'only numbers, or only text and bytes, can be in an array');
  });
  return createTensor('double', innerShape, Float64Array.from(numbers));
}

function complexArray(leaves: readonly PythonObject[], shape: readonly number[]): Tensor {
  const parts = leaves.map((leaf) => {
    const both = partsOf(leaf);
    if (both) return both;
    throw new PythonError('ValueError', 'only numbers can be in an array with complex numbers');
  });
  return createTensor('complex128', shape, Float64Array.from(parts.flat()));
}

/** Arrays of one shape in a list. */
function stack(arrays: readonly Tensor[], outerShape: readonly number[]): Tensor {
  const [first] = arrays;
  const shape = [...outerShape, ...first!.shape];
  const isAlike = arrays.every(
    ({ dtype, shape: own }) => dtype === first!.dtype && String(own) === String(first!.shape),
  );
  if (!isAlike || first!.dtype === 'string') {
    throw new PythonError('ValueError', 'arrays in a list must have one shape and one numeric data type');
  }
  const { array: ArrayType } = dataTypeInfo(first!.dtype);
  const data = new ArrayType!(arrays.reduce((sum, array) => sum + array.data.length, 0));
  let at = 0;
  for (const array of arrays) {
    data.set(array.data as never, at);
    at += array.data.length;
  }
  return { dtype: first!.dtype, shape, data } as Tensor;
}

/** A complex number of NumPy; Python writes one as a real number and an imaginary literal such as `2j`. */
export function complexNumber(real: number, imaginary: number): Tensor<'complex128'> {
  return createTensor('complex128', [], Float64Array.of(real, imaginary));
}

/** The real and the imaginary part; `undefined` for a value that is not a number. */
export function partsOf(value: PythonObject): readonly [real: number, imaginary: number] | undefined {
  if (typeof value === 'number' || typeof value === 'bigint' || typeof value === 'boolean') return [Number(value), 0];
  if (!isComplex(value)) return undefined;
  const [real, imaginary] = value.data;
  return [real!, imaginary!];
}

/** Whether it is a complex number. */
export function isComplex(value: PythonObject): value is Tensor<'complex128'> {
  return isTensor(value) && value.dtype === 'complex128' && value.shape.length === 0;
}
