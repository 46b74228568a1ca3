/** A drawing, such as a digit, cut to its strokes and scaled to the input's shape. */
import type { JSX } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import { centredStrokes } from '../files/centred-strokes.js';
import { PIXEL_RANGES, type PixelRange, tensorOfPixels } from '../files/pixels.js';
import { contextOf, drawScaled } from '../files/scaled-image.js';
import { Select } from '../ui/select.js';
import type { SourceProps } from './source-props.js';

const SIDE = 224;

export function DrawSource({ field }: SourceProps): JSX.Element {
  const paper = useRef<HTMLCanvasElement>(null);
  const preview = useRef<HTMLCanvasElement>(null);
  const [range, setRange] = useState<PixelRange>('0 … 1');
  const [isCentred, setCentred] = useState(true);
  const layout = field.imageLayout;

  useEffect(() => {
    if (paper.current) clear(paper.current);
  }, []);

  const take = (): void => {
    if (paper.current === null || preview.current === null || layout === undefined) return;
    const strokes = isCentred ? centredStrokes(paper.current) : paper.current;
    const pixels = drawScaled(preview.current, strokes, layout, 'fit');
    field.takeTensor('draw', tensorOfPixels(pixels, layout, field.dtype, range), 'drawing');
  };
  useEffect(() => {
    if (field.tensors.value.draw) take();
  }, [range, isCentred]);

  return (
    <div class="source picture-source">
      <div>
        <canvas
          ref={paper}
          class="paper"
          width={SIDE}
          height={SIDE}
          aria-label={`Drawing for ${field.name}; draw with a pointer, or choose another source`}
          role="img"
          onPointerDown={(event) => event.currentTarget.setPointerCapture(event.pointerId)}
          onPointerMove={draw}
          onPointerUp={take}
        />
        <div class="row">
          <button
            type="button"
            onClick={() => {
              if (paper.current) clear(paper.current);
              const { draw: _, ...others } = field.tensors.value;
              field.tensors.value = others;
            }}
          >
            Clear
          </button>
          {field.dtype.kind === 'float' && (
            <Select
              label="Pixels as"
              options={PIXEL_RANGES.map((name) => [name, name])}
              value={range}
              onChange={(value) => setRange(value as PixelRange)}
            />
          )}
          <label class="check">
            <input type="checkbox" checked={isCentred} onChange={(event) => setCentred(event.currentTarget.checked)} />
            centre it
          </label>
        </div>
      </div>
      <figure class={field.tensors.value.draw ? '' : 'hidden'}>
        <canvas ref={preview} class="picture" role="img" aria-label="The drawing as it is sent" />
        <figcaption>
          {layout?.width} × {layout?.height}, as sent
        </figcaption>
      </figure>
    </div>
  );
}

function clear(canvas: HTMLCanvasElement): void {
  const context = contextOf(canvas);
  context.fillStyle = '#000';
  context.fillRect(0, 0, canvas.width, canvas.height);
}

function draw(event: PointerEvent & { readonly currentTarget: HTMLCanvasElement }): void {
  if ((event.buttons & 1) === 0) return;
  const canvas = event.currentTarget;
  const scale = canvas.width / canvas.clientWidth;
  const context = contextOf(canvas);
  context.strokeStyle = '#fff';
  context.lineWidth = canvas.width / 9;
  context.lineCap = 'round';
  context.beginPath();
  context.moveTo((event.offsetX - event.movementX) * scale, (event.offsetY - event.movementY) * scale);
  context.lineTo(event.offsetX * scale, event.offsetY * scale);
  context.stroke();
}
