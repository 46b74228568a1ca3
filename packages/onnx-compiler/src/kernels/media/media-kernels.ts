/** Kernels of images, by operation. */
import type { KernelFactory } from '../kernel.js';
import { imageKernels } from './image-kernels.js';
import { resizeKernels } from './resize-kernels.js';

/** Kernels of images, by operation. */
export const mediaKernels: ReadonlyMap<string, KernelFactory> = new Map(
  Object.entries({ ...imageKernels, ...resizeKernels }),
);
