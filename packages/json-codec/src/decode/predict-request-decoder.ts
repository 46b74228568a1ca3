/** The body of a predict request to tensors. */
import type { Signature } from '@serving/core/extend';
import type { NamedTensors } from '@serving/core/tensor';
import {
  GeneratedWork,
  inOneGo,
  type SliceBudget,
  type SlicedWork,
  type SliceOptions,
  UNLIMITED,
} from '../slicing/slice-budget.js';
import { type DecodeOptions, joinInSlices, readJoined } from './body-chunks.js';
import { decodeExactly } from './exact/slow-path-decoder.js';
import { PAUSED } from './fast/bail-out.js';
import { UsualPredictDecoder } from './fast/fast-path-decoder.js';
import { DONE } from './fast/value-readers.js';
import { serializedBody } from './request-body.js';
import { SignatureLookup } from './signature-lookup.js';

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
 * Decodes the body of a predict request, by TensorFlow Serving's rules and with its error texts. The body is whole or in the
 * pieces that it came in, in their order; the tensors hold no views of it.
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
  body: Uint8Array | readonly Uint8Array[],
  resolve: (signatureName: string | undefined) => Signature,
  { buffers }: DecodeOptions = {},
): DecodedPredictRequest {
  const lookup = new SignatureLookup(resolve);
  const read = (text: Uint8Array): DecodedPredictRequest => {
    const usual = new UsualPredictDecoder(text, lookup);
    return usual.step(UNLIMITED) === DONE ? usual.decoded! : inOneGo(decodeExactly(text, lookup, UNLIMITED));
  };
  return readJoined(body, read, buffers);
}

/**
 * As {@link decodePredictRequest}, in slices of at most 256 KiB of text or 64k elements, between which its caller lets the event
 * loop turn. The body must not change until the work is done or given up; others may be decoded meanwhile.
 *
 * @example
 * ```ts
 * const decoding = decodePredictRequestInSlices(body, resolve);
 * while (!decoding.step()) await setImmediate();
 * const { inputs } = decoding.result;
 * ```
 */
export function decodePredictRequestInSlices(
  body: Uint8Array | readonly Uint8Array[],
  resolve: (signatureName: string | undefined) => Signature,
  { sliceBytes }: SliceOptions = {},
): SlicedWork<DecodedPredictRequest> {
  return new GeneratedWork((budget) => decodeInSlices(body, new SignatureLookup(resolve), budget), sliceBytes);
}

function* decodeInSlices(
  body: Uint8Array | readonly Uint8Array[],
  lookup: SignatureLookup,
  budget: SliceBudget,
): Generator<void, DecodedPredictRequest> {
  const text = yield* joinInSlices(body, budget);
  const usual = new UsualPredictDecoder(text, lookup);
  let outcome = usual.step(budget);
  for (; outcome === PAUSED; outcome = usual.step(budget)) yield;
  return outcome === DONE ? usual.decoded! : yield* decodeExactly(text, lookup, budget);
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
  return decodePredictRequest(serializedBody(body), resolve);
}
