/** The body of a predict request to tensors. */
import { ServingError, type Signature } from '@serving/core';
import type { NamedTensors } from '@serving/core/tensor';
import { decodeColumns } from './column-format.js';
import { readJson } from './json-reader.js';
import { type JsonTape, NONE, OBJECT, STRING } from './json-tape.js';
import { decodeRows } from './row-format.js';
import { shownValue } from './shown-value.js';

/** The two forms of a request, which decide the form of its response: `instances` and `inputs`. */
export type JsonPredictRequestFormat = 'row' | 'columnar';

/** A predict request, decoded. */
export interface DecodedPredictRequest {
  readonly format: JsonPredictRequestFormat;
  /** What `resolve` returned. */
  readonly signature: Signature;
  /** A tensor for every input of the signature; null prototype. */
  readonly inputs: NamedTensors;
}

/**
 * Decodes the body of a predict request, by TensorFlow Serving's rules and with its error texts.
 *
 * `resolve` is asked at most once, for the signature that the request names (`undefined` when it names none or `''`).
 * What it throws passes through, but only when the body is well-formed JSON with a proper `signature_name`: a syntax
 * error comes first, also when `resolve` was asked before the end of the body was seen.
 *
 * @example
 * ```ts
 * const { format, signature, inputs } = decodePredictRequest(body, (name) => findSignature(name ?? 'serving_default'));
 * ```
 *
 * @throws ServingError `INVALID_ARGUMENT` for a body that is no JSON or doesn't fit the signature, `UNIMPLEMENTED` for
 * an input in `inputs` whose data type has no JSON form.
 */
export function decodePredictRequest(
  body: Uint8Array,
  resolve: (signatureName: string | undefined) => Signature,
): DecodedPredictRequest {
  const tape = readJson(body);
  if (tape.kind(ROOT) !== OBJECT) throw invalid(`JSON Value: ${shownValue(tape, ROOT)} Is not object`);
  const signatureName = readSignatureName(tape);
  const signature = resolve(signatureName);
  if (signature.inputs.size === 0) {
    throw invalid(`Failed to get input map for signature: ${signatureName ?? 'DEFAULT'}`);
  }
  const instances = tape.member(ROOT, 'instances');
  const inputs = tape.member(ROOT, 'inputs');
  if (instances !== NONE) {
    if (inputs !== NONE) {
      throw invalid(
        `JSON Value: ${shownValue(tape, ROOT)} Not formatted correctly expecting only one of 'inputs' or 'instances' keys to exist `,
      );
    }
    return finish('row', signature, decodeRows(tape, instances, ROOT, signature));
  }
  if (inputs === NONE) throw invalid("Missing 'inputs' or 'instances' key");
  return finish('columnar', signature, decodeColumns(tape, inputs, signature));
}

/**
 * Decodes the body of a predict request that something in front (such as `express.json()`) has parsed already. The same
 * rules hold as far as its form still allows. Lost by then: whether a number was written as `1` or `1.0` (a whole
 * number counts as an integer token, −0 as 0), digits of integers beyond 2⁵³, all but the last of a name that stands
 * twice, `NaN` and `Infinity` (the parser in front refuses them), and the offsets in the text.
 *
 * @throws as {@link decodePredictRequest}
 */
export function decodeParsedPredictRequest(
  body: unknown,
  resolve: (signatureName: string | undefined) => Signature,
): DecodedPredictRequest {
  return decodePredictRequest(Buffer.from(serialized(body)), resolve);
}

const ROOT = 0;

/** TensorFlow's limit, which its run reports in these words. */
const MAX_RANK = 254;

function readSignatureName(tape: JsonTape): string | undefined {
  const name = tape.member(ROOT, 'signature_name');
  if (name === NONE) return undefined;
  if (tape.kind(name) !== STRING) {
    throw invalid(
      `JSON Value: ${shownValue(tape, ROOT)} not formatted correctly. 'signature_name' key must be a string value.`,
    );
  }
  return tape.stringValue(name) || undefined;
}

function finish(format: JsonPredictRequestFormat, signature: Signature, inputs: NamedTensors): DecodedPredictRequest {
  for (const name in inputs) {
    if (inputs[name]!.shape.length > MAX_RANK) throw invalid(`tensor parsing error: ${name}`);
  }
  return { format, signature, inputs };
}

function serialized(body: unknown): string {
  try {
    return JSON.stringify(body) ?? '';
  } catch (error) {
    throw new ServingError('INVALID_ARGUMENT', 'The parsed body is no JSON value', { cause: error });
  }
}

function invalid(message: string): ServingError {
  return new ServingError('INVALID_ARGUMENT', message);
}
