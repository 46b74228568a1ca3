/** Errors of inputs that have another shape than their signature declares. */
import type { Signature } from '../servable/signature.js';
import { ServingError } from '../serving-error.js';
import type { NamedTensors } from '../tensor/tensor.js';
import { formatPartialShape, type PartialShape } from '../tensor/tensor-shape.js';
import { shapeHint } from './shape-hint.js';

/** An input of declared rank. */
export interface DeclaredShape {
  readonly name: string;
  readonly shape: NonNullable<PartialShape>;
}

/** The refusal of a request with such an input; it names the model, the input, its shape and the expected one. */
export function wrongShapeError(
  model: string,
  signature: Signature,
  inputs: NamedTensors,
  { name, shape }: DeclaredShape,
): ServingError {
  const actual = inputs[name]!.shape;
  return ServingError.invalidArgument(
    `Input "${name}" of model "${model}" has shape [${actual}]; ` +
      `signature "${signature.name}" expects ${formatPartialShape(shape)}.`,
    { clientHint: shapeHint(name, actual, shape) },
  );
}

/** An engine names operations of the graph: its error with a hint that names the input. */
export function namingWrongShape(
  error: ServingError,
  inputs: NamedTensors,
  { name, shape }: DeclaredShape,
): ServingError {
  const { code, message, clientMessage, hint, endedProcess } = error;
  const actual = inputs[name]!.shape;
  const fix = shapeHint(name, actual, shape);
  const clientHint = `Input "${name}" has shape [${actual}], and the signature has ${formatPartialShape(shape)}${fix === undefined ? '' : `. ${fix}`}`;
  return new ServingError(code, message, { cause: error, clientMessage, hint, clientHint, endedProcess });
}
