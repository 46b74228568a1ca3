/** Compares an answer with TensorFlow's, as far apart as whole networks may be. */
import { fromBfloat16, fromHalf, type Tensor } from '@serving/core/tensor';

/** Relative and absolute. Types without an entry are equal. */
const TOLERANCES: Partial<Record<Tensor['dtype'], readonly [number, number]>> = {
  float: [1e-4, 1e-5],
  double: [1e-10, 1e-11],
  half: [4e-3, 2e-3],
  bfloat16: [2e-2, 1e-2],
};

/** The worst difference in words; `undefined` for answers that agree. */
export function answerDifference(expected: Tensor, got: Tensor): string | undefined {
  if (expected.dtype !== got.dtype) return `${got.dtype} for ${expected.dtype}`;
  if (String(expected.shape) !== String(got.shape)) return `shape [${got.shape}] for [${expected.shape}]`;
  const [relative, absolute] = TOLERANCES[expected.dtype] ?? [0, 0];
  const [wanted, found] = [elements(expected), elements(got)];
  let worst = 1;
  let text: string | undefined;
  for (const [i, value] of wanted.entries()) {
    const other = found[i]!;
    if (Object.is(value, other) || value === other) continue;
    const isNumeric = typeof value === 'number' && typeof other === 'number';
    const excess = isNumeric ? Math.abs(value - other) / (absolute + relative * Math.abs(value)) : Number.NaN;
    if (excess <= worst) continue;
    worst = Number.isNaN(excess) ? Number.POSITIVE_INFINITY : excess;
    text = `value ${i} is ${other} for ${value}`;
  }
  return text;
}

function elements(tensor: Tensor): readonly (number | bigint | string)[] {
  if (tensor.dtype === 'string') return tensor.data.toStrings();
  const { data } = tensor;
  if (tensor.dtype === 'half') return Array.from(tensor.data, fromHalf);
  return tensor.dtype === 'bfloat16'
    ? Array.from(tensor.data, fromBfloat16)
    : Array.from<number | bigint>(data as never);
}
