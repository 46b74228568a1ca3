/** Pictures to the values that an image input takes. */
import type { DataType } from '../tensors/data-type.js';
import type { Tensor } from '../tensors/tensor.js';

/** What an input expects of a picture, by its shape. */
export interface ImageLayout {
  readonly height: number;
  readonly width: number;
  readonly channels: number;
  readonly isChannelsFirst: boolean;
  /** With the sizes of the picture in it. */
  readonly shape: readonly number[];
  /** Whether the shape is hardly anything but an image. */
  readonly isLikely: boolean;
}

export const PIXEL_RANGES = ['0 … 1', '0 … 255', '−1 … 1'] as const;
export type PixelRange = (typeof PIXEL_RANGES)[number];

const CHANNELS = new Set([1, 3, 4]);

/** How a picture fills the input; `undefined` for shapes that are not of images. Unknown sizes become `freeSize`. */
export function imageLayoutOf(shape: readonly number[] | undefined, freeSize: number): ImageLayout | undefined {
  if (shape === undefined || shape.length < 2 || shape.length > 4) return undefined;
  const isBatched = shape.length === 4 || (shape.length === 3 && !CHANNELS.has(shape[2] ?? 0));
  const image = isBatched ? shape.slice(1) : shape;
  const isChannelsFirst = image.length === 3 && !CHANNELS.has(image[2] ?? 0) && CHANNELS.has(image[0] ?? 0);
  const [first = 1, second = 1, third = 1] = image;
  const [height, width, channels] = isChannelsFirst ? [second, third, first] : [first, second, third];
  if (image.length === 3 && channels > 0 && !CHANNELS.has(channels)) return undefined;
  if ((height > 0 && height < 4) || (width > 0 && width < 4)) return undefined;
  if (image.length === 2 && (height < 0 || width < 0)) return undefined;
  const size = { height: height > 0 ? height : freeSize, width: width > 0 ? width : freeSize };
  const depth = image.length === 2 ? 1 : channels > 0 ? channels : 3;
  const sizes = isChannelsFirst ? [depth, size.height, size.width] : [size.height, size.width, depth];
  const filled = image.length === 2 ? sizes.slice(0, 2) : sizes;
  const isLikely = shape.length === 4 || (shape.length === 3 && !isBatched && height > 0 && width > 0);
  return { ...size, channels: depth, isChannelsFirst, isLikely, shape: isBatched ? [1, ...filled] : filled };
}

/** The tensor of RGBA pixels; one channel is the brightness. */
export function tensorOfPixels(
  rgba: Uint8ClampedArray,
  { width, height, channels, isChannelsFirst, shape }: ImageLayout,
  dtype: DataType,
  range: PixelRange,
): Tensor {
  const area = width * height;
  const values = new Float64Array(area * channels);
  const scaled = dtype.kind === 'float' ? scaleOf(range) : Math.round;
  for (let i = 0; i < area; i++) {
    const [red = 0, green = 0, blue = 0, alpha = 255] = rgba.subarray(i * 4, i * 4 + 4);
    const pixel = channels === 1 ? [0.299 * red + 0.587 * green + 0.114 * blue] : [red, green, blue, alpha];
    for (let c = 0; c < channels; c++) {
      values[isChannelsFirst ? c * area + i : i * channels + c] = scaled(pixel[c] ?? 0);
    }
  }
  return { dtype, shape, values };
}

function scaleOf(range: PixelRange): (value: number) => number {
  // Four digits are finer than the 256 steps of a channel, and keep the request readable.
  const short = (value: number): number => Math.round(value * 1e4) / 1e4;
  if (range === '0 … 255') return Math.round;
  return range === '0 … 1' ? (value) => short(value / 255) : (value) => short(value / 127.5 - 1);
}

/** RGBA pixels of a tensor's picture, stretched from the smallest to the largest value unless they look like bytes or 0 … 1. */
export function rgbaOf(
  values: ArrayLike<number>,
  height: number,
  width: number,
  channels: number,
): Uint8ClampedArray<ArrayBuffer> {
  let low = Number.POSITIVE_INFINITY;
  let high = Number.NEGATIVE_INFINITY;
  for (let i = 0; i < values.length; i++) {
    low = Math.min(low, values[i] ?? low);
    high = Math.max(high, values[i] ?? high);
  }
  if (low >= 0 && high <= 1) [low, high] = [0, 1];
  else if (low >= 0 && high <= 255 && high > 32) [low, high] = [0, 255];
  const span = high - low || 1;
  const rgba = new Uint8ClampedArray(height * width * 4);
  for (let i = 0; i < height * width; i++) {
    for (let c = 0; c < 4; c++) {
      const value = values[i * channels + (channels < 3 ? 0 : c)] ?? 0;
      rgba[i * 4 + c] = c === 3 && channels < 4 ? 255 : ((value - low) / span) * 255;
    }
  }
  return rgba;
}
