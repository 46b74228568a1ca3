/** The inputs of a request against those of a signature. */
import { ServingError } from '@serving/core';
import { quoteName, type Signature, type TensorSpec } from '@serving/core/extend';
import { formatPartialShape, isCompatibleShape, type NamedTensors, type Tensor } from '@serving/core/tensor';
import { datatypeOf, shownDatatype } from './datatype.js';
import type { InferInput } from './infer-message.js';

/**
 * One tensor for each input of the signature: the request's, or else the signature's default.
 *
 * @throws ServingError `INVALID_ARGUMENT` for an unknown, missing or repeated input, another data type or shape than the
 * declared ones; `UNIMPLEMENTED` for a data type that the protocol lacks.
 */
export function bindInputs(model: string, signature: Signature, inputs: readonly InferInput[]): NamedTensors {
  const tensors: NamedTensors = Object.create(null);
  for (const input of inputs) {
    const { name } = input;
    const spec = signature.inputs.get(name);
    if (spec === undefined) throw unknownInput(model, signature, name);
    if (tensors[name] !== undefined) throw ServingError.invalidArgument(`Input ${quoteName(name)} is given twice`);
    tensors[name] = bound(model, signature, spec, input);
  }
  if (inputs.length < signature.inputs.size) addDefaults(model, signature, tensors);
  return tensors;
}

/** @throws ServingError `UNIMPLEMENTED` for an input or output of a data type that the protocol lacks. */
export function checkHasDatatype(kind: 'Input' | 'Output', { name, dtype }: TensorSpec): void {
  if (datatypeOf(dtype) !== undefined) return;
  throw new ServingError(
    'UNIMPLEMENTED',
    `${kind} ${quoteName(name)} is of type ${shownDatatype(dtype)}, which the Open Inference Protocol does not have`,
  );
}

function bound(model: string, signature: Signature, spec: TensorSpec, { name, datatype, tensor }: InferInput): Tensor {
  const expected = datatypeOf(spec.dtype);
  if (expected === undefined) checkHasDatatype('Input', spec);
  if (expected !== datatype) {
    throw ServingError.invalidArgument(
      `Input ${quoteName(name)} has datatype ${datatype}; ${place(model, signature)} expects ${expected}.`,
    );
  }
  if (!isCompatibleShape(tensor.shape, spec.shape)) {
    throw ServingError.invalidArgument(
      `Input ${quoteName(name)} has shape [${tensor.shape}]; ${place(model, signature)} expects ${formatPartialShape(spec.shape)}.`,
    );
  }
  // Quantized values come as what they are stored in.
  return tensor.dtype === spec.dtype ? tensor : ({ ...tensor, dtype: spec.dtype } as Tensor);
}

/**
 * Adds the signature's defaults for inputs that are not there.
 *
 * @throws ServingError `INVALID_ARGUMENT` for those that have none.
 */
export function addDefaults(model: string, signature: Signature, tensors: NamedTensors): void {
  const missing: string[] = [];
  for (const name of signature.inputs.keys()) {
    if (tensors[name] !== undefined) continue;
    const value = signature.defaults.get(name);
    if (value === undefined) missing.push(quoteName(name));
    else tensors[name] = value;
  }
  if (missing.length === 0) return;
  const inputs = missing.length === 1 ? 'Input' : 'Inputs';
  throw ServingError.invalidArgument(
    `${inputs} ${missing.join(', ')} ${missing.length === 1 ? 'is' : 'are'} missing; ${place(model, signature)} expects ${namesOf(signature.inputs)}.`,
  );
}

function unknownInput(model: string, signature: Signature, name: string): ServingError {
  return ServingError.invalidArgument(
    `Unknown input ${quoteName(name)}; ${place(model, signature)} expects ${namesOf(signature.inputs)}.`,
  );
}

/** The quoted names of a signature's inputs or outputs. */
export function namesOf(specs: ReadonlyMap<string, TensorSpec>): string {
  return [...specs.keys()].sort().map(quoteName).join(', ') || 'none';
}

function place(model: string, { name }: Signature): string {
  return `signature ${quoteName(name)} of model ${quoteName(model)}`;
}
