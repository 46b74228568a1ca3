/** The largest values of a row as bars: classes with their scores. */
import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { threeDigits } from '../shell/format.js';
import { numberOf, sizeOf } from '../tensors/tensor.js';
import { Bars } from '../ui/bars.js';
import { Select } from '../ui/select.js';
import type { OutputViewProps } from './output-view-props.js';

const SHOWN = 10;

export function ClassBars({ name, tensor, outputs }: OutputViewProps): JSX.Element {
  const [row, setRow] = useState(0);
  const width = tensor.shape.at(-1) ?? 1;
  const rows = sizeOf(tensor.shape) / width;
  const at = Math.min(row, rows - 1);
  const names = classNames(name, outputs, at, width);
  const scores = Array.from({ length: width }, (_, i) => ({ i, score: numberOf(tensor.values[at * width + i]) }));
  const isAll = width <= SHOWN;
  const shown = isAll ? scores : scores.sort((a, b) => b.score - a.score).slice(0, SHOWN);
  const best = Math.max(...shown.map(({ score }) => score));
  return (
    <>
      {rows > 1 && (
        <Select
          label="Row"
          options={Array.from({ length: rows }, (_, i) => [String(i), String(i)] as const)}
          value={String(at)}
          onChange={(value) => setRow(Number(value))}
        />
      )}
      <Bars
        label={`${name}, ${isAll ? 'all classes' : `the ${SHOWN} largest of ${width}`}`}
        full={best <= 1 && best > 0 ? 1 : best}
        bars={shown.map(({ i, score }) => ({
          label: names?.[i] ?? String(i),
          value: score,
          text: best <= 1 && best >= 0 ? `${(100 * score).toFixed(1)} %` : threeDigits(score),
          ...(score === best && { tone: 'best' }),
        }))}
      />
      {!isAll && (
        <p class="hint">
          The {SHOWN} largest of {width}
        </p>
      )}
    </>
  );
}

/** Texts of another output of the same width. */
function classNames(
  name: string,
  outputs: OutputViewProps['outputs'],
  row: number,
  width: number,
): string[] | undefined {
  for (const [other, { dtype, shape, values }] of outputs) {
    if (other === name || dtype.kind !== 'string' || shape.at(-1) !== width) continue;
    const offset = values.length === width ? 0 : row * width;
    return Array.from({ length: width }, (_, i) => String(values[offset + i]));
  }
  return undefined;
}
