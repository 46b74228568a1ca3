/** The decoder for any body: the whole text to a tape first, then what the reference server checks, in its order. */
import { ServingError } from '@serving/core';
import type { Signature } from '@serving/core/extend';
import type { NamedTensors } from '@serving/core/tensor';
import { NONE } from '../../json/json-tape.js';
import type { SliceBudget } from '../../slicing/slice-budget.js';
import { decodeColumns } from '../column-format.js';
import type { DecodedPredictRequest, JsonPredictRequestFormat, SignatureLookup } from '../decoded-predict-request.js';
import { shownValue } from '../error-excerpt.js';
import { ROOT, readRequestBody } from '../request-body.js';
import { decodeRows } from '../row-format.js';

/**
 * Decodes a body of any form; yields where the budget is used up.
 *
 * @throws ServingError what is wrong with the body; what `lookup` throws, when nothing is wrong up to there.
 */
export function* decodeExactly(
  body: Uint8Array,
  lookup: SignatureLookup,
  budget: SliceBudget,
): Generator<void, DecodedPredictRequest> {
  const { tape, signatureName } = yield* readRequestBody(body, budget);
  const signature = lookup.get(signatureName);
  if (signature.inputs.size === 0) {
    throw ServingError.invalidArgument(`Failed to get input map for signature: ${signatureName ?? 'DEFAULT'}`);
  }
  const [instances = NONE, inputs = NONE] = yield* tape.members(ROOT, ['instances', 'inputs'], budget);
  if (instances !== NONE) {
    if (inputs !== NONE) {
      throw ServingError.invalidArgument(
        `JSON Value: ${shownValue(tape, ROOT)} Not formatted correctly expecting only one of 'inputs' or 'instances' keys to exist `,
      );
    }
    return finish('row', signature, yield* decodeRows(tape, instances, ROOT, signature, budget));
  }
  if (inputs === NONE) throw ServingError.invalidArgument("Missing 'inputs' or 'instances' key");
  return finish('columnar', signature, yield* decodeColumns(tape, inputs, signature, budget));
}

/** TensorFlow's limit, which its run reports in these words. */
const MAX_RANK = 254;

function finish(format: JsonPredictRequestFormat, signature: Signature, inputs: NamedTensors): DecodedPredictRequest {
  for (const name in inputs) {
    if (inputs[name]!.shape.length > MAX_RANK) throw ServingError.invalidArgument(`tensor parsing error: ${name}`);
  }
  return { format, signature, inputs };
}
