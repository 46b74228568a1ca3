/** Models whose operations give each dimension of a tensor a meaning (batch, height, width, channels), and what may be fed to them. */
import { ServingError, type Signature } from '@serving/core';
import type { NamedTensors } from '@serving/core/tensor';

/** Parts of the names of convolutions, poolings and normalizations: `DepthwiseConv2dNative`, `MaxPoolV2`, `FusedBatchNormV3`. */
const PARTS_OF_NAMES: readonly string[] = ['Conv', 'Pool', 'BatchNorm', 'LRN'];

/** Whether a SavedModel's file may name such an operation; other texts in it may look alike. */
export function mayHaveLayoutOperations(content: Buffer | string): boolean {
  return PARTS_OF_NAMES.some((part) => content.includes(part));
}

/**
 * Holds the inputs that are there against the shapes that their signature declares. TensorFlow's oneDNN kernels of such
 * operations do not refuse a tensor of another rank: they end the process.
 *
 * @throws ServingError `INVALID_ARGUMENT` that names signature, input and both shapes.
 */
export function checkDeclaredShapes(signature: Signature, inputs: NamedTensors): void {
  for (const [alias, { shape: declared }] of signature.inputs) {
    const shape = inputs[alias]?.shape;
    if (shape === undefined || declared === undefined || isCompatible(shape, declared)) continue;
    throw new ServingError(
      'INVALID_ARGUMENT',
      `Input ${alias} of signature "${signature.name}" has shape [${shape.join(', ')}]; expected ${formatDeclared(declared)}`,
    );
  }
}

function isCompatible(shape: readonly number[], declared: readonly number[]): boolean {
  if (shape.length !== declared.length) return false;
  for (let i = 0; i < shape.length; i++) if (declared[i] !== -1 && declared[i] !== shape[i]) return false;
  return true;
}

/** Unknown sizes as question marks. */
function formatDeclared(declared: readonly number[]): string {
  return `[${declared.map((size) => (size === -1 ? '?' : size)).join(', ')}]`;
}
