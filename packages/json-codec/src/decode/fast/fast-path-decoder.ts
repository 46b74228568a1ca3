/**
 * The one-pass decoder for requests of the usual forms: body bytes to typed arrays without anything in between. It knows
 * no errors; whatever is unusual makes it give up, and the exact reader starts again from the beginning.
 */
import type { Signature } from '@serving/core/extend';
import type { SliceBudget } from '../../slicing/slice-budget.js';
import type { DecodedPredictRequest } from '../predict-request-decoder.js';
import type { SignatureLookup } from '../signature-lookup.js';
import { mayHoldSignatureName, SignatureNameFinder, UNKNOWN_NAME } from '../signature-name-finder.js';
import { GIVE_UP, PAUSED } from './bail-out.js';
import { startsBase64Object } from './string-scanner.js';
import { TensorScanner } from './tensor-scanner.js';
import { CLOSE_BRACE, COMMA, OPEN_BRACE, OPEN_BRACKET, QUOTE, TextCursor } from './text-cursor.js';
import { DONE, MembersReader, OnlyTensorReader, RowObjectsReader, type ValueReader } from './value-readers.js';

/** A longer name is none that anything has. */
const LONGEST_NAME = 64 * 1024;

/** Decodes one body. `lookup` is asked only when the name that the request gives is certain. */
export class UsualPredictDecoder {
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
   * Goes on until the budget is used up: {@link DONE}, {@link PAUSED}, or {@link GIVE_UP} when the body is not of a usual
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
