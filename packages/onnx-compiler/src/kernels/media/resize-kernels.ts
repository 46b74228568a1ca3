/** Kernels that resize images. */
import { ServingError } from '@serving/core';
import { elementCount, type Tensor } from '@serving/core/tensor';
import { boolAttribute } from '../../graph/attribute-readers.js';
import { integersOf, numbersOf } from '../elements/numbers.js';
import { takeElements } from '../elements/take.js';
import type { KernelContext, KernelFactory } from '../kernel.js';

interface Sampling {
  readonly alignCorners: boolean;
  readonly halfPixels: boolean;
}

function samplingOf({ attributes }: KernelContext): Sampling {
  return {
    alignCorners: boolAttribute(attributes, 'align_corners', false),
    halfPixels: boolAttribute(attributes, 'half_pixel_centers', false),
  };
}

function scaleOf(from: number, to: number, { alignCorners }: Sampling): number {
  return Math.fround(alignCorners && to > 1 ? (from - 1) / (to - 1) : from / to);
}

interface Mix {
  readonly low: number;
  readonly high: number;
  readonly part: number;
}

/** The two rows or columns that each of the result is mixed of. */
function mixes(from: number, to: number, sampling: Sampling): Mix[] {
  const scale = scaleOf(from, to, sampling);
  return Array.from({ length: to }, (_, i) => {
    const at = Math.fround(sampling.halfPixels ? Math.fround(Math.fround(i + 0.5) * scale) - 0.5 : i * scale);
    const floor = Math.floor(at);
    return { low: Math.max(floor, 0), high: Math.min(Math.ceil(at), from - 1), part: Math.fround(at - floor) };
  });
}

function sizesOf(
  images: Tensor,
  sizeTensor: Tensor,
): { from: readonly [number, number, number, number]; to: readonly [number, number] } {
  const [height, width] = integersOf(sizeTensor) as [number, number];
  if (images.shape.length !== 4) {
    throw new ServingError('INVALID_ARGUMENT', `input must be 4-dimensional[${images.shape}]`);
  }
  if (height <= 0 || width <= 0) throw new ServingError('INVALID_ARGUMENT', 'output dimensions must be positive');
  return { from: images.shape as unknown as [number, number, number, number], to: [height, width] };
}

const resizeBilinear: KernelFactory = (context) => {
  const sampling = samplingOf(context);
  return ([images, sizeTensor]) => {
    const { from, to } = sizesOf(images!, sizeTensor!);
    const [batch, height, width, channels] = from;
    const [rows, columns] = [mixes(height, to[0], sampling), mixes(width, to[1], sampling)];
    const pixels = numbersOf(images!);
    const shape = [batch, to[0], to[1], channels];
    const data = new Float32Array(elementCount(shape));
    const round = Math.fround;
    let next = 0;
    for (let b = 0; b < batch; b++) {
      for (const row of rows) {
        const [top, bottom] = [(b * height + row.low) * width, (b * height + row.high) * width];
        for (const column of columns) {
          for (let c = 0; c < channels; c++) {
            const at = (line: number, x: number) => pixels[(line + x) * channels + c]!;
            const mix = (low: number, high: number, part: number) => round(low + round(round(high - low) * part));
            const upper = mix(at(top, column.low), at(top, column.high), column.part);
            const lower = mix(at(bottom, column.low), at(bottom, column.high), column.part);
            data[next++] = mix(upper, lower, row.part);
          }
        }
      }
    }
    return [{ dtype: 'float', shape, data }];
  };
};

/** The row or column that each of the result is taken from. */
function nearest(from: number, to: number, sampling: Sampling): number[] {
  const scale = scaleOf(from, to, sampling);
  return Array.from({ length: to }, (_, i) => {
    const at = sampling.halfPixels ? Math.fround((i + 0.5) * scale) : Math.fround(i * scale);
    return Math.max(0, Math.min(sampling.alignCorners ? Math.round(at) : Math.floor(at), from - 1));
  });
}

const resizeNearest: KernelFactory = (context) => {
  const sampling = samplingOf(context);
  return ([images, sizeTensor]) => {
    const { from, to } = sizesOf(images!, sizeTensor!);
    const [batch, height, width, channels] = from;
    const [rows, columns] = [nearest(height, to[0], sampling), nearest(width, to[1], sampling)];
    const shape = [batch, to[0], to[1], channels];
    const positions = new Int32Array(elementCount(shape));
    let next = 0;
    for (let b = 0; b < batch; b++) {
      for (const row of rows) {
        for (const column of columns) {
          const start = ((b * height + row) * width + column) * channels;
          for (let c = 0; c < channels; c++) positions[next++] = start + c;
        }
      }
    }
    return [takeElements(images!, shape, positions)];
  };
};

/** Kernels that resize images, by operation. */
export const resizeKernels: Readonly<Record<string, KernelFactory>> = {
  ResizeBilinear: resizeBilinear,
  ResizeNearestNeighbor: resizeNearest,
};
