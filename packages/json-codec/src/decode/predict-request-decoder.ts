/** The body of a predict request to tensors: in one pass where its form is usual, else by the exact decoder, which has all errors. */
import type { Signature } from '@serving/core/extend';
import { BACKSLASH, CLOSE_BRACE, COMMA, OPEN_BRACE, OPEN_BRACKET, QUOTE, UNDERSCORE } from '../json/characters.js';
import {
  GeneratedWork,
  inOneGo,
  SLICE_BYTES,
  type SliceBudget,
  type SlicedWork,
  type SliceOptions,
  UNLIMITED,
} from '../slicing/slice-budget.js';
import { type DecodeOptions, joinInSlices, readJoined } from './body-chunks.js';
import type { DecodedPredictRequest, SignatureLookup } from './decoded-predict-request.js';
import { decodeExactly } from './exact/slow-path-decoder.js';
import { decodeFewNumbers } from './fast/few-numbers-decoder.js';
import { startsBase64Object } from './fast/string-scanner.js';
import {
  DONE,
  MembersReader,
  OnlyTensorReader,
  RowObjectsReader,
  TensorScanner,
  type ValueReader,
} from './fast/tensor-readers.js';
import { GIVE_UP, PAUSED, TextCursor } from './fast/text-cursor.js';
import { serializedBody } from './request-body.js';
import { SignatureNameFinder, UNKNOWN_NAME } from './signature-name-finder.js';

/**
 * Decodes the body of a predict request, by TensorFlow Serving's rules and with its error texts. The body is whole or in the
 * pieces that it came in, in their order; the tensors hold no views of it.
 *
 * `resolve` is called at most once, for the signature that the request names (`undefined` when it names none or `''`).
 * What it throws passes through, but only when the body is well-formed JSON with a proper `signature_name`: a syntax
 * error comes first, also when `resolve` was called before the end of the body was seen.
 *
 * @example
 * ```ts
 * const { format, signature, inputs } = decodePredictRequest(body, (name) => findSignature(name ?? 'serving_default'));
 * ```
 *
 * @throws ServingError `INVALID_ARGUMENT` for a body that is not JSON or doesn't fit the signature, `UNIMPLEMENTED` for
 * an input in `inputs` whose data type has no JSON form.
 */
export function decodePredictRequest(
  body: Uint8Array | readonly Uint8Array[],
  resolve: (signatureName: string | undefined) => Signature,
  options?: DecodeOptions,
): DecodedPredictRequest {
  if (body instanceof Uint8Array) return decode(body, resolve);
  return readJoined(body, (text) => decode(text, resolve), options?.buffers);
}

function decode(text: Uint8Array, resolve: (signatureName: string | undefined) => Signature): DecodedPredictRequest {
  const lookup = new ResolvedOnce(resolve);
  const few = decodeFewNumbers(text, lookup);
  if (few !== undefined) return few;
  const usual = new FastPathDecoder(text, lookup);
  return usual.step(UNLIMITED) === DONE ? usual.decoded! : inOneGo(decodeExactly(text, lookup, UNLIMITED));
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
  return new GeneratedWork((budget) => decodeInSlices(body, new ResolvedOnce(resolve), budget), sliceBytes);
}

function* decodeInSlices(
  body: Uint8Array | readonly Uint8Array[],
  lookup: SignatureLookup,
  budget: SliceBudget,
): Generator<void, DecodedPredictRequest> {
  const text = yield* joinInSlices(body, budget);
  const usual = new FastPathDecoder(text, lookup);
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

export class ResolvedOnce implements SignatureLookup {
  readonly #resolve: (signatureName: string | undefined) => Signature;
  #signature: Signature | undefined;
  #failure: { readonly reason: unknown } | undefined;

  constructor(resolve: (signatureName: string | undefined) => Signature) {
    this.#resolve = resolve;
  }

  tryGet(signatureName: string | undefined): Signature | undefined {
    if (this.#signature === undefined && this.#failure === undefined) {
      try {
        this.#signature = this.#resolve(signatureName);
      } catch (reason) {
        this.#failure = { reason };
      }
    }
    return this.#signature;
  }

  get(signatureName: string | undefined): Signature {
    const signature = this.tryGet(signatureName);
    if (signature === undefined) throw this.#failure!.reason;
    return signature;
  }
}

/** A longer name is none that anything has. */
const LONGEST_NAME = 64 * 1024;

/** Decodes one body. `lookup` is called only when the name that the request gives is certain. */
export class FastPathDecoder {
  /** The request, once {@link step} has returned {@link DONE}. */
  decoded: DecodedPredictRequest | undefined;
  #read: DecodedPredictRequest | undefined;
  readonly #cursor: TextCursor;
  readonly #lookup: SignatureLookup;
  #hasBegun = false;
  #nameSeen = false;
  #signatureName: string | undefined;
  /** Whether the value is that of `instances`. */
  #isRow = false;
  /** What is at work on the value of `instances` or `inputs` while the decoder pauses. */
  #finder: SignatureNameFinder | undefined;
  #signature: Signature | undefined;
  #reader: ValueReader | undefined;

  constructor(body: Uint8Array, lookup: SignatureLookup) {
    this.#cursor = new TextCursor(
      Buffer.isBuffer(body) ? body : Buffer.from(body.buffer, body.byteOffset, body.byteLength),
    );
    this.#lookup = lookup;
  }

  /**
   * Continues until the budget is used up. Returns {@link DONE}, {@link PAUSED}, or {@link GIVE_UP} when the body is not of a usual
   * form or has an error.
   */
  step(budget: SliceBudget): number {
    const cursor = this.#cursor;
    if (!this.#hasBegun) {
      this.#hasBegun = true;
      if (!cursor.take(OPEN_BRACE)) return GIVE_UP;
    } else {
      const outcome = this.#value(budget);
      if (outcome !== DONE) return outcome;
      if (!cursor.take(COMMA)) return this.#end();
    }
    do {
      const outcome = this.#member(budget);
      if (outcome !== DONE) return outcome;
    } while (cursor.take(COMMA));
    return this.#end();
  }

  #end(): number {
    if (this.#read === undefined || !this.#cursor.take(CLOSE_BRACE)) return GIVE_UP;
    this.decoded = this.#read;
    return DONE;
  }

  #member(budget: SliceBudget): number {
    const cursor = this.#cursor;
    if (!cursor.take(QUOTE)) return GIVE_UP;
    if (cursor.takeName('signature_name')) {
      const name = cursor.takeShortString(LONGEST_NAME);
      if (name === undefined || this.#nameSeen) return GIVE_UP;
      this.#nameSeen = true;
      // One that stands behind the value was found before.
      this.#signatureName ??= name;
      return DONE;
    }
    this.#isRow = cursor.takeName('instances');
    if (this.#read !== undefined || (!this.#isRow && !cursor.takeName('inputs'))) return GIVE_UP;
    if (!this.#nameSeen && mayHoldSignatureName(cursor.text, cursor.at)) {
      this.#finder = new SignatureNameFinder(cursor.text, cursor.at);
    }
    return this.#value(budget);
  }

  /** The value of `instances` or `inputs`, or the rest of it. */
  #value(budget: SliceBudget): number {
    if (this.#finder !== undefined) {
      if (!this.#finder.step(budget)) return PAUSED;
      const { name } = this.#finder;
      if (name === UNKNOWN_NAME) return GIVE_UP;
      this.#signatureName = name;
      this.#finder = undefined;
    }
    if (this.#reader === undefined) {
      const name = this.#signatureName;
      const signature = this.#lookup.tryGet(name === '' ? undefined : name);
      if (signature === undefined) return GIVE_UP;
      this.#signature = signature;
      this.#reader = this.#isRow ? this.#instancesReader(signature) : this.#inputsReader(signature);
      if (this.#reader === undefined) return GIVE_UP;
    }
    const outcome = this.#reader.read(budget);
    if (outcome !== DONE) return outcome;
    const inputs = this.#reader.tensors!;
    this.#reader = undefined;
    this.#read = { format: this.#isRow ? 'row' : 'columnar', signature: this.#signature!, inputs };
    return DONE;
  }

  #instancesReader(signature: Signature): ValueReader | undefined {
    const cursor = this.#cursor;
    const first = cursor.peekAfter(OPEN_BRACKET);
    if (first < 0) return undefined;
    if (cursor.text[first] !== OPEN_BRACE) return this.#onlyReader(signature);
    if (!startsBase64Object(cursor.text, first)) {
      return new RowObjectsReader(cursor, new TensorScanner(cursor.text), signature);
    }
    return signature.inputs.has('b64') ? undefined : this.#onlyReader(signature);
  }

  #inputsReader(signature: Signature): ValueReader | undefined {
    const cursor = this.#cursor;
    const at = cursor.skipSpace();
    if (cursor.text[at] !== OPEN_BRACE) return this.#onlyReader(signature);
    if (startsBase64Object(cursor.text, at)) return undefined;
    return new MembersReader(cursor, new TensorScanner(cursor.text), signature);
  }

  #onlyReader(signature: Signature): ValueReader | undefined {
    if (signature.inputs.size !== 1) return undefined;
    for (const input of signature.inputs.values()) {
      return new OnlyTensorReader(this.#cursor, new TensorScanner(this.#cursor.text), input);
    }
    return undefined;
  }
}

/** Below this many bytes a loop is faster than a search of Node's. */
const SHORT_TEXT = 256;

/**
 * Whether a `signature_name` may stand from `from` on. Without an underscore or a backslash behind a quotation mark none
 * does; of a long text only the beginning is read.
 */
function mayHoldSignatureName(text: Buffer, from: number): boolean {
  if (text.length - from > SLICE_BYTES) return true;
  if (text.length - from > SHORT_TEXT) {
    const quote = text.indexOf(QUOTE, from);
    return quote >= 0 && (text.indexOf(UNDERSCORE, quote) >= 0 || text.indexOf(BACKSLASH, quote) >= 0);
  }
  for (let at = from; at < text.length; at++) {
    if (text[at] === UNDERSCORE || text[at] === BACKSLASH) return true;
  }
  return false;
}
