/** `+ - * /` of Python's numbers, lists and NumPy's arrays. */
import { elementCount, type Tensor, type TensorDataType } from '@serving/core/tensor';
import { castTensor } from './cast-tensor.js';
import { PythonError } from './python-error.js';
import { complexNumber, isComplex, isList, isTensor, type PythonObject, partsOf, toArray } from './python-object.js';

type Operator = '+' | '-' | '*' | '/';

/** @throws PythonError `ValueError` for operands that don't go together. */
export function arithmetic(operator: Operator, left: PythonObject, right: PythonObject): PythonObject {
  if (isComplex(left) || isComplex(right)) return ofComplex(operator, left, right);
  if (isTensor(left) || isTensor(right)) return ofArrays(operator, toArray(left), toArray(right), left, right);
  if (operator === '*' && isList(left) && typeof right === 'bigint') return repeat(left, right);
  if (operator === '*' && isList(right) && typeof left === 'bigint') return repeat(right, left);
  if (operator === '+' && isList(left) && isList(right)) return [...left, ...right];
  if (typeof left === 'bigint' && typeof right === 'bigint' && operator !== '/')
    return calculate(operator, left, right);
  if (isNumber(left) && isNumber(right)) return calculate(operator, Number(left), Number(right));
  throw new PythonError('ValueError', `unsupported operands for ${operator}`);
}

/** As literals have them: a sum, a difference, or a number with another sign. */
function ofComplex(operator: Operator, left: PythonObject, right: PythonObject): PythonObject {
  const [a, b] = [partsOf(left), partsOf(right)];
  if (a && b && operator === '+') return complexNumber(a[0] + b[0], a[1] + b[1]);
  if (a && b && operator === '-') return complexNumber(a[0] - b[0], a[1] - b[1]);
  if (a && right === -1n && operator === '*') return complexNumber(-a[0], -a[1]);
  throw new PythonError('ValueError', `unsupported operands for ${operator}`);
}

function isNumber(value: PythonObject): value is number | bigint {
  return typeof value === 'number' || typeof value === 'bigint';
}

function repeat(list: readonly PythonObject[], times: bigint): PythonObject[] {
  return Array.from({ length: Math.max(0, Number(times)) }, () => list).flat(1);
}

function ofArrays(
  operator: Operator,
  left: Tensor,
  right: Tensor,
  leftValue: PythonObject,
  rightValue: PythonObject,
): Tensor {
  const dtype = resultType(operator, left, right, leftValue, rightValue);
  const a = castTensor(left, 'double').data as Float64Array;
  const b = castTensor(right, 'double').data as Float64Array;
  const shape = left.shape.length >= right.shape.length ? left.shape : right.shape;
  const isScalar = (tensor: Tensor): boolean => elementCount(tensor.shape) === 1;
  if (String(left.shape) !== String(right.shape) && !isScalar(left) && !isScalar(right)) {
    throw new PythonError(
      'ValueError',
      `operands could not be broadcast together with shapes (${left.shape}) (${right.shape})`,
    );
  }
  const values = Float64Array.from({ length: elementCount(shape) }, (_, i) =>
    calculate(operator, a[isScalar(left) ? 0 : i]!, b[isScalar(right) ? 0 : i]!),
  );
  return castTensor({ dtype: 'double', shape, data: values }, dtype);
}

const floats: ReadonlySet<TensorDataType> = new Set(['half', 'bfloat16', 'float', 'double']);

/** Python's own numbers take the array's type, unless a fraction meets integers. */
function resultType(
  operator: Operator,
  left: Tensor,
  right: Tensor,
  leftValue: PythonObject,
  rightValue: PythonObject,
): TensorDataType {
  const [array, other] = isTensor(leftValue) ? [left, rightValue] : [right, leftValue];
  if (isTensor(leftValue) && isTensor(rightValue)) {
    if (left.dtype === right.dtype && (operator !== '/' || floats.has(left.dtype))) return left.dtype;
    return floats.has(left.dtype) && !floats.has(right.dtype) ? left.dtype : 'double';
  }
  return floats.has(array.dtype) || (operator !== '/' && typeof other === 'bigint') ? array.dtype : 'double';
}

function calculate(operator: Operator, left: number, right: number): number;
function calculate(operator: Operator, left: bigint, right: bigint): bigint;
function calculate(operator: Operator, a: number | bigint, b: number | bigint): number | bigint {
  // Both are of one kind, by the signatures above.
  const [left, right] = [a as number, b as number];
  switch (operator) {
    case '+':
      return left + right;
    case '-':
      return left - right;
    case '*':
      return left * right;
    case '/':
      return left / right;
  }
}
