/** Which kernel an operation has. */
import type { KernelFactory } from './kernel.js';
import { mediaKernels } from './media/media-kernels.js';
import { parseKernels } from './parse/parse-kernels.js';
import { portableKernels } from './portable-kernels.js';

const kernels: ReadonlyMap<string, KernelFactory> = new Map([...portableKernels, ...parseKernels, ...mediaKernels]);

/** The kernel of TensorFlow's operation of this name, for every dtype that it supports there; `undefined` for operations without one. */
export function kernelFor(op: string): KernelFactory | undefined {
  return kernels.get(op);
}
