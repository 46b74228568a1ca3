/** Which outputs of a signature an answer has, in which order and form. */
import { ServingError } from '@serving/core';
import { quoteName, type Signature, type TensorSpec } from '@serving/core/extend';
import { checkHasDatatype, namesOf } from './bind-inputs.js';
import type { ChosenOutput } from './checked-request.js';
import { datatypeOf } from './datatype.js';
import type { Parameters, RequestedOutput } from './infer-message.js';
import { NO_PARAMETERS, readOutputParameters } from './parameters.js';

/**
 * The requested outputs in the order of the request, or without any all of the signature by name.
 *
 * @throws ServingError `INVALID_ARGUMENT` for an unknown or repeated output and for wrong parameters, `UNIMPLEMENTED` for a data type that
 * the protocol lacks.
 */
export function chooseOutputs(signature: Signature, requested: readonly RequestedOutput[]): readonly ChosenOutput[] {
  if (requested.length === 0) return allOutputs(signature);
  const seen = new Set<string>();
  return requested.map(({ name, parameters }) => {
    const spec = signature.outputs.get(name);
    if (spec === undefined) {
      throw ServingError.invalidArgument(
        `Unknown output ${quoteName(name)}; signature ${quoteName(signature.name)} has ${namesOf(signature.outputs)}.`,
      );
    }
    if (seen.has(name)) throw ServingError.invalidArgument(`Output ${quoteName(name)} is requested twice`);
    seen.add(name);
    return chosen(spec, parameters);
  });
}

/** By signature: most requests choose no outputs. */
const allBySignature = new WeakMap<Signature, readonly ChosenOutput[]>();

function allOutputs(signature: Signature): readonly ChosenOutput[] {
  const known = allBySignature.get(signature);
  if (known !== undefined) return known;
  const specs = [...signature.outputs.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
  const all = specs.map((spec) => chosen(spec, NO_PARAMETERS));
  allBySignature.set(signature, all);
  return all;
}

function chosen(spec: TensorSpec, parameters: Parameters): ChosenOutput {
  checkHasDatatype('Output', spec);
  const { name, dtype } = spec;
  const { binary, base64 } = readOutputParameters(name, parameters);
  return { name, datatype: datatypeOf(dtype)!, binary, base64 };
}
