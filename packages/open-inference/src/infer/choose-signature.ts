/** Which signature of a model a request means: the protocol has one set of inputs and outputs for each model. */
import { ServingError } from '@serving/core';
import { DEFAULT_SIGNATURE_NAME, quoteName, type Signature } from '@serving/core/extend';

/**
 * The signature of a name; without one `serving_default`, or the only one that there is beside TensorFlow's own initializer.
 *
 * @throws ServingError `INVALID_ARGUMENT` that lists the names, where none is meant.
 */
export function chooseSignature(
  model: string,
  signatures: ReadonlyMap<string, Signature>,
  name: string | undefined,
): Signature {
  const signature = name === undefined ? defaultSignature(signatures) : signatures.get(name);
  if (signature !== undefined) return signature;
  const names = signatureNames(signatures).map(quoteName).join(', ') || 'none';
  throw ServingError.invalidArgument(
    name === undefined
      ? `Model ${quoteName(model)} has no default signature: choose one with the parameter "signature_name" (signatures: ${names})`
      : `Model ${quoteName(model)} has no signature ${quoteName(name)} (signatures: ${names})`,
  );
}

/** What a request without a name means; `undefined` where it must name one. */
export function defaultSignature(signatures: ReadonlyMap<string, Signature>): Signature | undefined {
  const usual = signatures.get(DEFAULT_SIGNATURE_NAME);
  if (usual !== undefined) return usual;
  const names = signatureNames(signatures);
  return names.length === 1 ? signatures.get(names[0]!) : undefined;
}

/** The names that requests may use, sorted. */
export function signatureNames(signatures: ReadonlyMap<string, Signature>): string[] {
  return [...signatures.keys()].filter((name) => name !== INITIALIZER).sort();
}

const INITIALIZER = '__saved_model_init_op';
