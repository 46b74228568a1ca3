/** Kernels whose constant inputs are known. */
import type { Tensor } from '@serving/core/tensor';
import type { Kernel } from './kernel.js';

/** The kernel of the inputs that are not constant. */
export function withConstants(kernel: Kernel, constants: readonly (Tensor | undefined)[]): Kernel {
  if (constants.every((constant) => constant === undefined)) return kernel;
  return (values, context) => {
    let next = 0;
    return kernel(
      constants.map((constant) => constant ?? values[next++]!),
      context,
    );
  };
}
