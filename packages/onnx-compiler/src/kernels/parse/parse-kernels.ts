/** Kernels that parse bytes, by operation. */
import type { KernelFactory } from '../kernel.js';
import { decodeCsvKernel } from './decode-csv.js';
import { rawKernels } from './decode-raw.js';
import { exampleKernels } from './parse-example.js';

/** Kernels that parse bytes, by operation. */
export const parseKernels: ReadonlyMap<string, KernelFactory> = new Map(
  Object.entries({ ...exampleKernels, ...rawKernels, DecodeCSV: decodeCsvKernel }),
);
