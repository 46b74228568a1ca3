/** Compares the answers of two engines. */
import { fromBfloat16, fromHalf, type Tensor, type TensorDataType } from '@serving/core/tensor';
import type { Tolerance } from './op-case.test-support.js';

/** Of element-wise operations. Integers and booleans are equal. */
const TOLERANCES: Partial<Record<TensorDataType, Tolerance>> = {
  float: { relative: 1e-6, absolute: 1e-7 },
  double: { relative: 1e-12, absolute: 1e-13 },
  half: { relative: 2e-3, absolute: 1e-3 },
  bfloat16: { relative: 1e-2, absolute: 1e-3 },
};

/** What an engine made of a request: tensors, or the code of its error. */
export type Answer = readonly Tensor[] | { readonly code: string; readonly message: string };

/** The first difference in words; `undefined` for answers that agree. */
export function difference(expected: Answer, got: Answer, tolerance?: Tolerance): string | undefined {
  if ('code' in expected || 'code' in got) {
    const [a, b] = [expected, got].map((answer) =>
      'code' in answer ? `${answer.code} (${answer.message})` : 'answers',
    );
    const isSame = 'code' in expected && 'code' in got && expected.code === got.code;
    return isSame ? undefined : `TensorFlow: ${a}; ONNX Runtime: ${b}`;
  }
  if (expected.length !== got.length) return `${got.length} outputs for ${expected.length}`;
  for (const [i, tensor] of expected.entries()) {
    const found = tensorDifference(tensor, got[i]!, tolerance);
    if (found !== undefined) return `output ${i}: ${found}`;
  }
  return undefined;
}

function tensorDifference(expected: Tensor, got: Tensor, tolerance?: Tolerance): string | undefined {
  if (expected.dtype !== got.dtype) return `${got.dtype} for ${expected.dtype}`;
  if (String(expected.shape) !== String(got.shape)) return `shape [${got.shape}] for [${expected.shape}]`;
  const given = TOLERANCES[expected.dtype];
  const { relative, absolute } = given ? (tolerance ?? given) : { relative: 0, absolute: 0 };
  const [wanted, found] = [numbers(expected), numbers(got)];
  for (const [i, value] of wanted.entries()) {
    const other = found[i]!;
    if (value === other || (Number.isNaN(value) && Number.isNaN(other))) continue;
    if (typeof value === 'bigint' || typeof other === 'bigint') return `value ${i}: ${other} for ${value}`;
    if (!(Math.abs(value - other) <= absolute + relative * Math.abs(value))) return `value ${i}: ${other} for ${value}`;
  }
  return undefined;
}

function numbers({ dtype, data }: Tensor): (number | bigint)[] {
  const values = Array.from(data as Iterable<number | bigint>);
  if (dtype === 'half') return values.map((value) => fromHalf(Number(value)));
  return dtype === 'bfloat16' ? values.map((value) => fromBfloat16(Number(value))) : values;
}
