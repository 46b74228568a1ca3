/** A small line without axes. */
import type { JSX } from 'preact';

export interface SparkLineProps {
  readonly values: ArrayLike<number>;
  readonly label: string;
  readonly width?: number;
  readonly height?: number;
  /** Whether 0 is the lowest value drawn. */
  readonly isFromZero?: boolean;
}

export function SparkLine({
  values,
  label,
  width = 120,
  height = 24,
  isFromZero = false,
}: SparkLineProps): JSX.Element {
  const list = Array.from(values, (value) => (Number.isFinite(value) ? value : 0));
  const low = isFromZero ? 0 : Math.min(...list);
  const span = Math.max(...list, isFromZero ? 0 : low) - low || 1;
  const step = list.length > 1 ? width / (list.length - 1) : 0;
  const points = list.map(
    (value, i) => `${(i * step).toFixed(1)},${(height - 2 - ((value - low) / span) * (height - 4)).toFixed(1)}`,
  );
  return (
    <svg class="spark" viewBox={`0 0 ${width} ${height}`} preserveAspectRatio="none" role="img" aria-label={label}>
      {points.length > 0 && <polyline points={points.join(' ')} vector-effect="non-scaling-stroke" />}
    </svg>
  );
}
