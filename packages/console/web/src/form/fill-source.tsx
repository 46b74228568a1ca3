/** Made values of a chosen shape. */
import type { JSX } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { countText } from '../shell/format.js';
import { sizeOf } from '../tensors/tensor.js';
import { Select } from '../ui/select.js';
import { FILLS, type Fill, filledTensor, likelySizes } from './initial-value.js';
import type { SourceProps } from './source-props.js';

const MOST = 5_000_000;

export function FillSource({ field, errorId }: SourceProps): JSX.Element {
  const [fill, setFill] = useState<Fill>('random');
  const [sizes, setSizes] = useState(() => likelySizes(field.dimensions));

  useEffect(() => {
    if (sizeOf(sizes) > MOST) field.error.value = `More than ${countText(MOST)} values: choose smaller sizes.`;
    else field.takeTensor('fill', filledTensor(fill, field.dtype, sizes));
  }, [field, fill, sizes]);

  return (
    <div class="source row">
      <Select label="With" options={Object.entries(FILLS)} value={fill} onChange={(value) => setFill(value as Fill)} />
      {(field.dimensions ?? [{ size: -1 }]).map(({ size, name }, i) => (
        <label key={`${field.name}-${i}`} class="select size">
          <span>{name || `Size ${i + 1}`}</span>
          <input
            type="number"
            min={0}
            disabled={size >= 0}
            value={sizes[i]}
            aria-describedby={errorId}
            onChange={(event) => {
              const value = event.currentTarget.valueAsNumber;
              if (Number.isSafeInteger(value) && value >= 0) setSizes(sizes.with(i, value));
            }}
          />
        </label>
      ))}
      <span class="hint">{countText(sizeOf(sizes))} values</span>
    </div>
  );
}
