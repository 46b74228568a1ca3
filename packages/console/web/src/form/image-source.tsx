/** A picture, scaled to the input's shape. */
import type { JSX } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import { imageLayoutOf, PIXEL_RANGES, type PixelRange, tensorOfPixels } from '../files/pixels.js';
import { drawScaled, FITS, type Fit } from '../files/scaled-image.js';
import { Select } from '../ui/select.js';
import { pictures } from './dropped-file.js';
import { FilePicker } from './file-sources.js';
import type { SourceProps } from './source-props.js';

export function ImageSource(props: SourceProps): JSX.Element {
  const { field } = props;
  const canvas = useRef<HTMLCanvasElement>(null);
  const [range, setRange] = useState<PixelRange>('0 … 1');
  const [fit, setFit] = useState<Fit>('crop');
  const [isInverted, setInverted] = useState(false);
  const [freeSize, setFreeSize] = useState(224);
  const picture = pictures.value.get(field);
  const layout = imageLayoutOf(field.shape, freeSize);
  const isFree = field.shape?.some((size, i, all) => size < 0 && i >= all.length - 3 && i > 0) ?? false;

  useEffect(() => {
    if (picture === undefined || layout === undefined || canvas.current === null) return;
    const pixels = drawScaled(canvas.current, picture, layout, fit, isInverted);
    field.takeTensor('image', tensorOfPixels(pixels, layout, field.dtype, range), field.origin.value);
  }, [field, picture, range, fit, isInverted, freeSize]);

  return (
    <div class="source picture-source">
      <div>
        <FilePicker {...props} accept="image/*" label="Drop an image here, or choose one" />
        <div class="row">
          {field.dtype.kind === 'float' && (
            <Select
              label="Pixels as"
              options={PIXEL_RANGES.map((name) => [name, name])}
              value={range}
              onChange={(value) => setRange(value as PixelRange)}
            />
          )}
          <Select
            label="Scaling"
            options={FITS.map((name) => [name, name])}
            value={fit}
            onChange={(value) => setFit(value as Fit)}
          />
          <label class="check">
            <input
              type="checkbox"
              checked={isInverted}
              onChange={(event) => setInverted(event.currentTarget.checked)}
            />
            invert
          </label>
          {isFree && (
            <label class="select">
              <span>Side</span>
              <input
                type="number"
                min={4}
                max={2048}
                value={freeSize}
                onChange={(event) => setFreeSize(Math.min(2048, Math.max(4, event.currentTarget.valueAsNumber || 224)))}
              />
            </label>
          )}
        </div>
      </div>
      <figure class={picture ? '' : 'hidden'}>
        <canvas ref={canvas} class="picture" role="img" aria-label={`The image as it is sent, ${field.origin.value}`} />
        <figcaption>
          {layout?.width} × {layout?.height}, as sent
        </figcaption>
      </figure>
    </div>
  );
}
