/** Which outputs of a signature an answer has, in which order. */
import { ServingError } from '@serving/core';
import { quoteName, type Signature } from '@serving/core/extend';
import { checkHasDatatype, namesOf } from './bind-inputs.js';
import type { RequestedOutput } from './infer-message.js';
import { NO_PARAMETERS } from './parameters.js';

/**
 * The requested outputs in the order of the request, or without any all of the signature by name.
 *
 * @throws ServingError `INVALID_ARGUMENT` for an unknown or repeated output, `UNIMPLEMENTED` for a data type that the protocol
 * lacks.
 */
export function chooseOutputs(signature: Signature, requested: readonly RequestedOutput[]): readonly RequestedOutput[] {
  if (requested.length === 0) return allOutputs(signature);
  const seen = new Set<string>();
  for (const { name } of requested) {
    const spec = signature.outputs.get(name);
    if (spec === undefined) {
      throw ServingError.invalidArgument(
        `Unknown output ${quoteName(name)}; signature ${quoteName(signature.name)} has ${namesOf(signature.outputs)}.`,
      );
    }
    if (seen.has(name)) throw ServingError.invalidArgument(`Output ${quoteName(name)} is requested twice`);
    seen.add(name);
    checkHasDatatype('Output', spec);
  }
  return requested;
}

/** By signature: most requests ask for no choice. */
const allBySignature = new WeakMap<Signature, readonly RequestedOutput[]>();

function allOutputs(signature: Signature): readonly RequestedOutput[] {
  const known = allBySignature.get(signature);
  if (known !== undefined) return known;
  for (const spec of signature.outputs.values()) checkHasDatatype('Output', spec);
  const all = [...signature.outputs.keys()].sort().map((name) => ({ name, parameters: NO_PARAMETERS }));
  allBySignature.set(signature, all);
  return all;
}
