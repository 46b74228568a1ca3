/** Python's complex numbers: a real number and an imaginary literal such as `2j`, added or subtracted. */
import { createTensor, type Tensor } from '@serving/core/tensor';
import { isTensor, type PythonObject } from './python-object.js';

/** A complex number of NumPy. */
export function complexNumber(real: number, imaginary: number): Tensor<'complex128'> {
  return createTensor('complex128', [], Float64Array.of(real, imaginary));
}

/** Its two parts; `undefined` for anything that is no complex number and no real one. */
export function partsOf(value: PythonObject): readonly [real: number, imaginary: number] | undefined {
  if (typeof value === 'number' || typeof value === 'bigint' || typeof value === 'boolean') return [Number(value), 0];
  if (!isComplex(value)) return undefined;
  const [real, imaginary] = value.data;
  return [real!, imaginary!];
}

export function isComplex(value: PythonObject): value is Tensor<'complex128'> {
  return isTensor(value) && value.dtype === 'complex128' && value.shape.length === 0;
}
