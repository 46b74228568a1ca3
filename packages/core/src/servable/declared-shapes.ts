/** The shapes of a request's inputs against those that the signature declares. */
import { ServingError } from '../serving-error.js';
import type { NamedTensors } from '../tensor/tensor.js';
import { formatPartialShape, isCompatibleShape, type PartialShape } from '../tensor/tensor-shape.js';
import type { Signature } from './signature.js';

interface DeclaredInput {
  readonly alias: string;
  readonly shape: NonNullable<PartialShape>;
}

/** The inputs of declared rank, of each signature that has been checked. */
const declaredInputs = new WeakMap<Signature, readonly DeclaredInput[]>();

/**
 * Compares rank and known dimensions of the inputs that are there. A signature's own defaults pass as they are.
 *
 * @param model named in the error.
 * @throws ServingError `INVALID_ARGUMENT` that names the input, its shape and the expected one.
 */
export function checkDeclaredShapes(model: string, signature: Signature, inputs: NamedTensors): void {
  const declared = declaredInputs.get(signature) ?? readDeclaredInputs(signature);
  for (let i = 0; i < declared.length; i++) {
    const { alias, shape } = declared[i]!;
    const input = inputs[alias];
    if (input === undefined || isCompatibleShape(input.shape, shape)) continue;
    if (input === signature.defaults.get(alias)) continue;
    throw wrongShape(alias, model, input.shape, signature, shape);
  }
}

function wrongShape(
  alias: string,
  model: string,
  actual: readonly number[],
  signature: Signature,
  expected: PartialShape,
): ServingError {
  return new ServingError(
    'INVALID_ARGUMENT',
    `Input "${alias}" of model "${model}" has shape [${actual}]; ` +
      `signature "${signature.name}" expects ${formatPartialShape(expected)}.`,
  );
}

function readDeclaredInputs(signature: Signature): readonly DeclaredInput[] {
  const declared: DeclaredInput[] = [];
  for (const [alias, { shape }] of signature.inputs) if (shape !== undefined) declared.push({ alias, shape });
  declaredInputs.set(signature, declared);
  return declared;
}
