/** An output that is a picture, drawn on a canvas. */
import type { JSX } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import { imageLayoutOf, rgbaOf } from '../files/pixels.js';
import { contextOf } from '../files/scaled-image.js';
import { numberOf, sizeOf, type Tensor } from '../tensors/tensor.js';

const MOST = 16;

export function PictureView({ name, tensor }: { readonly name: string; readonly tensor: Tensor }): JSX.Element | null {
  const layout = imageLayoutOf(tensor.shape, 0);
  if (layout === undefined) return null;
  const { height, width, channels, isChannelsFirst } = layout;
  const size = height * width * channels;
  const count = sizeOf(tensor.shape) / size;
  return (
    <div class="pictures">
      {Array.from({ length: Math.min(count, MOST) }, (_, i) => {
        const values = Array.from({ length: size }, (__, j) => numberOf(tensor.values[i * size + j]));
        return (
          <Picture
            key={String(i)}
            label={`Picture ${i + 1} of ${name}, ${width} × ${height}`}
            values={isChannelsFirst ? channelsLast(values, channels) : values}
            height={height}
            width={width}
            channels={channels}
          />
        );
      })}
      {count > MOST && (
        <p class="hint">
          The first {MOST} of {count}
        </p>
      )}
    </div>
  );
}

export interface PictureProps {
  readonly label: string;
  readonly values: ArrayLike<number>;
  readonly height: number;
  readonly width: number;
  readonly channels: number;
}

export function Picture({ label, values, height, width, channels }: PictureProps): JSX.Element {
  const canvas = useRef<HTMLCanvasElement>(null);
  useEffect(() => {
    if (canvas.current === null) return;
    contextOf(canvas.current).putImageData(new ImageData(rgbaOf(values, height, width, channels), width, height), 0, 0);
  }, [values, height, width, channels]);
  return <canvas ref={canvas} class="picture" width={width} height={height} role="img" aria-label={label} />;
}

function channelsLast(values: readonly number[], channels: number): number[] {
  const area = values.length / channels;
  return values.map((_, i) => values[(i % channels) * area + Math.floor(i / channels)] ?? 0);
}
