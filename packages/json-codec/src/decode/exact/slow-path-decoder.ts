/** The decoder for any body: converts the whole text to a tape, then makes TensorFlow Serving's checks in its order. */
import { ServingError } from '@serving/core';
import type { Signature } from '@serving/core/extend';
import type { NamedTensors } from '@serving/core/tensor';
import { type JsonTape, NONE } from '../../json/json-tape.js';
import type { SliceBudget } from '../../slicing/slice-budget.js';
import { BOTH_FORMATS_HINT, ignoredKeyHint, missingKeyHint } from '../body-hint.js';
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
  const { tape, signatureName } = yield* readRequestBody(body, 'predict', budget);
  const signature = lookup.get(signatureName);
  if (signature.inputs.size === 0) {
    throw ServingError.invalidArgument(`Failed to get input map for signature: ${signatureName ?? 'DEFAULT'}`);
  }
  try {
    return yield* decodeTensors(tape, signature, budget);
  } catch (error) {
    throw namingIgnoredKey(error, tape);
  }
}

/** A signature that was named by another key than `signature_name` is often why the inputs don't fit. */
function namingIgnoredKey(error: unknown, tape: JsonTape): ServingError {
  const known = ServingError.from(error, 'INTERNAL');
  if (known.code !== 'INVALID_ARGUMENT' || known.clientHint !== undefined) return known;
  const clientHint = ignoredKeyHint(tape, ROOT, 'predict');
  return clientHint === undefined ? known : ServingError.invalidArgument(known.message, { cause: known, clientHint });
}

function* decodeTensors(
  tape: JsonTape,
  signature: Signature,
  budget: SliceBudget,
): Generator<void, DecodedPredictRequest> {
  const [instances = NONE, inputs = NONE] = yield* tape.members(ROOT, ['instances', 'inputs'], budget);
  if (instances !== NONE) {
    if (inputs !== NONE) {
      throw ServingError.invalidArgument(
        `JSON Value: ${shownValue(tape, ROOT)} Not formatted correctly expecting only one of 'inputs' or 'instances' keys to exist `,
        { clientHint: BOTH_FORMATS_HINT },
      );
    }
    return finish('row', signature, yield* decodeRows(tape, instances, ROOT, signature, budget));
  }
  if (inputs === NONE) {
    throw ServingError.invalidArgument("Missing 'inputs' or 'instances' key", {
      clientHint: missingKeyHint(tape, ROOT, 'predict'),
    });
  }
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
