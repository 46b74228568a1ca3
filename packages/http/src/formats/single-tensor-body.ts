/** What requests whose body is one tensor have in common: headers say what else there is to say. */
import { ServingError } from '@serving/core';
import type { PredictBodyRequest, Signature, TensorSpec } from '@serving/core/extend';
import { toInputs } from '@serving/core/internal';
import type { NamedTensors, Tensor } from '@serving/core/tensor';

/** Names the signature of a request; default `serving_default`. */
const SIGNATURE_HEADER = 'serving-signature';

/** The input that the body is for. */
export interface OneTensorTarget {
  readonly signature: Signature;
  readonly input: TensorSpec;
}

/**
 * Finds the signature, and its one input, or the only one of several that has no default.
 *
 * @throws ServingError `INVALID_ARGUMENT` for a signature that wants another number of tensors, and what `resolve` throws.
 */
export function resolveOneTensor(request: PredictBodyRequest, contentType: string): OneTensorTarget {
  const { signature } = request.resolve(request.header(SIGNATURE_HEADER));
  const inputs = [...signature.inputs.values()];
  const required = inputs.length === 1 ? inputs : inputs.filter(({ name }) => !signature.defaults.has(name));
  if (required.length === 1) return { signature, input: required[0]! };
  const names = inputs.map(({ name }) => name).join(', ') || 'none';
  throw new ServingError(
    'INVALID_ARGUMENT',
    `${contentType} holds one tensor, but the signature's inputs are ${names}: send JSON or protobuf`,
  );
}

/**
 * The run compares the shape with the signature's.
 *
 * @throws ServingError `INVALID_ARGUMENT` for a tensor that is not of the input's declared type.
 */
export function oneTensorInputs({ signature, input }: OneTensorTarget, tensor: Tensor): NamedTensors {
  const { dtype } = tensor;
  if (dtype !== input.dtype && input.dtype !== 'invalid') {
    throw new ServingError('INVALID_ARGUMENT', `input ${input.name}: expected ${input.dtype}, got ${dtype}`);
  }
  const inputs: NamedTensors = Object.create(null);
  inputs[input.name] = tensor;
  return toInputs(inputs, signature, (value) => value);
}
