/** How far two engines' answers are apart. */
import { fromBfloat16, fromHalf, type Tensor, type TensorDataType } from '@serving/core/tensor';

/** What floating-point numbers may differ by: `absolute + relative × |expected|`. */
export interface Tolerance {
  readonly absolute: number;
  readonly relative: number;
}

/** The largest differences of two tensors. */
export interface TensorDifference {
  readonly absolute: number;
  readonly relative: number;
  /** The first value beyond the tolerance, or another dtype or shape, in words. */
  readonly beyond: string | undefined;
}

/** Types of few bits round more than whole networks of floats do. */
const LEAST: Partial<Record<TensorDataType, Tolerance>> = {
  half: { absolute: 1e-3, relative: 2e-3 },
  bfloat16: { absolute: 1e-3, relative: 1e-2 },
};
const FLOATS: ReadonlySet<TensorDataType> = new Set(['float', 'double', 'half', 'bfloat16']);

/** Compares a tensor with the expected one. Integers, booleans and strings must be equal. */
export function tensorDifference(expected: Tensor, got: Tensor, tolerance: Tolerance): TensorDifference {
  const none = { absolute: 0, relative: 0 };
  if (expected.dtype !== got.dtype || String(expected.shape) !== String(got.shape)) {
    const [a, b] = [expected, got].map(({ dtype, shape }) => `${dtype} of shape [${shape}]`);
    return { ...none, beyond: `${b} for ${a}` };
  }
  const least = LEAST[expected.dtype] ?? none;
  const allowed = FLOATS.has(expected.dtype)
    ? {
        absolute: Math.max(tolerance.absolute, least.absolute),
        relative: Math.max(tolerance.relative, least.relative),
      }
    : none;
  const [wanted, found] = [valuesOf(expected), valuesOf(got)];
  const largest = { absolute: 0, relative: 0, beyond: undefined as string | undefined };
  for (const [i, value] of wanted.entries()) {
    const other = found[i]!;
    if (Object.is(value, other) || value === other) continue;
    const absolute = distance(value, other);
    largest.absolute = Math.max(largest.absolute, absolute);
    largest.relative = Math.max(largest.relative, absolute / Math.abs(Number(value)) || 0);
    const isWithin =
      Number.isFinite(absolute) && absolute <= allowed.absolute + allowed.relative * Math.abs(Number(value));
    if (!isWithin) largest.beyond ??= `${shown(other)} for ${shown(value)} at element ${i}`;
  }
  return largest;
}

type Value = number | bigint | string;

/** Infinite for texts, and where one number is not finite. */
function distance(a: Value, b: Value): number {
  if (typeof a === 'string' || typeof b === 'string') return Number.POSITIVE_INFINITY;
  const apart =
    typeof a === 'bigint' && typeof b === 'bigint' ? Number(a > b ? a - b : b - a) : Math.abs(Number(a) - Number(b));
  return Number.isNaN(apart) ? Number.POSITIVE_INFINITY : apart;
}

const shown = (value: Value): string => (typeof value === 'string' ? JSON.stringify(value) : String(value));

function valuesOf({ dtype, data }: Tensor): readonly Value[] {
  if ('offsets' in data) return data.toStrings();
  const values = Array.from(data as Iterable<number | bigint>);
  if (dtype === 'half') return values.map((value) => fromHalf(Number(value)));
  return dtype === 'bfloat16' ? values.map((value) => fromBfloat16(Number(value))) : values;
}
