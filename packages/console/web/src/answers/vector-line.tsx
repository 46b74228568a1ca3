/** Vectors as small lines with their least, mean and largest value. */
import type { JSX } from 'preact';
import { threeDigits } from '../shell/format.js';
import { numberOf, sizeOf, type Tensor } from '../tensors/tensor.js';
import { SparkLine } from '../ui/spark-line.js';

const MOST = 16;

export function VectorLine({ name, tensor }: { readonly name: string; readonly tensor: Tensor }): JSX.Element {
  const width = tensor.shape.at(-1) ?? 1;
  const rows = sizeOf(tensor.shape) / width;
  return (
    <ul class="vectors">
      {Array.from({ length: Math.min(rows, MOST) }, (_, row) => {
        const values = Array.from({ length: width }, (__, i) => numberOf(tensor.values[row * width + i]));
        const least = Math.min(...values);
        const largest = Math.max(...values);
        const mean = values.reduce((sum, value) => sum + value, 0) / width;
        return (
          <li key={String(row)}>
            <SparkLine values={values} width={400} height={56} label={`Row ${row} of ${name}, ${width} values`} />
            <span class="muted">
              {rows > 1 && `row ${row}: `}
              {width} values, least {threeDigits(least)}, mean {threeDigits(mean)}, largest {threeDigits(largest)}
            </span>
          </li>
        );
      })}
    </ul>
  );
}
