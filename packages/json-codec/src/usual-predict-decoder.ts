/**
 * The one-pass decoder for requests of the usual forms: body bytes to typed arrays without anything in between. It knows
 * no errors; whatever is unusual makes it give up, and the exact reader starts again from the beginning.
 */
import type { Signature, TensorSpec } from '@serving/core';
import type { NamedTensors } from '@serving/core/tensor';
import { GIVE_UP, isSpace } from './give-up.js';
import type { DecodedPredictRequest } from './predict-request-decoder.js';
import type { SignatureLookup } from './signature-lookup.js';
import { findSignatureName, UNKNOWN_NAME } from './signature-name-finder.js';
import { startsBase64Object } from './string-runs.js';
import { TensorBuilder } from './tensor-builder.js';
import { TensorScanner } from './tensor-scanner.js';

/**
 * The decoded request, or `undefined` when the body is not of a usual form or has an error. `lookup` is asked only when
 * the name that the request gives is certain.
 */
export function decodeUsualPredictRequest(
  body: Uint8Array,
  lookup: SignatureLookup,
): DecodedPredictRequest | undefined {
  const text = Buffer.isBuffer(body) ? body : Buffer.from(body.buffer, body.byteOffset, body.byteLength);
  return new UsualPredictDecoder(text, lookup).decode();
}

const QUOTE = 0x22;
const COMMA = 0x2c;
const COLON = 0x3a;
const OPEN_BRACKET = 0x5b;
const BACKSLASH = 0x5c;
const CLOSE_BRACKET = 0x5d;
const OPEN_BRACE = 0x7b;
const CLOSE_BRACE = 0x7d;

/** Bytes of strings to begin with. */
const STRING_CAPACITY = 4096;

class UsualPredictDecoder {
  readonly #text: Buffer;
  readonly #lookup: SignatureLookup;
  readonly #scanner: TensorScanner;
  #at = 0;

  constructor(text: Buffer, lookup: SignatureLookup) {
    this.#text = text;
    this.#lookup = lookup;
    this.#scanner = new TensorScanner(text);
  }

  decode(): DecodedPredictRequest | undefined {
    let signatureName: string | undefined;
    let nameSeen = false;
    let decoded: DecodedPredictRequest | undefined;
    if (!this.#take(OPEN_BRACE)) return undefined;
    do {
      if (!this.#take(QUOTE)) return undefined;
      if (this.#takeName('signature_name')) {
        const name = this.#takeShortString();
        if (name === undefined || nameSeen) return undefined;
        nameSeen = true;
        signatureName ??= name;
        continue;
      }
      const row = this.#takeName('instances');
      if (decoded !== undefined || (!row && !this.#takeName('inputs'))) return undefined;
      if (!nameSeen) {
        const name = findSignatureName(this.#text, this.#at);
        if (name === UNKNOWN_NAME) return undefined;
        signatureName = name;
      }
      const signature = this.#lookup.tryGet(signatureName === '' ? undefined : signatureName);
      if (signature === undefined) return undefined;
      const inputs = row ? this.#decodeInstances(signature) : this.#decodeInputs(signature);
      if (inputs === undefined) return undefined;
      decoded = { format: row ? 'row' : 'columnar', signature, inputs };
    } while (this.#take(COMMA));
    return this.#take(CLOSE_BRACE) ? decoded : undefined;
  }

  #decodeInstances(signature: Signature): NamedTensors | undefined {
    const text = this.#text;
    const first = this.#peekAfter(OPEN_BRACKET);
    if (first < 0) return undefined;
    if (text[first] !== OPEN_BRACE) return this.#decodeOnly(signature);
    if (!startsBase64Object(text, first)) return this.#decodeRowObjects(signature);
    return signature.inputs.has('b64') ? undefined : this.#decodeOnly(signature);
  }

  #decodeInputs(signature: Signature): NamedTensors | undefined {
    const at = this.#skipSpace();
    if (this.#text[at] !== OPEN_BRACE) return this.#decodeOnly(signature);
    return startsBase64Object(this.#text, at) ? undefined : this.#decodeMembers(signature);
  }

  /** The whole value as the signature's one input: in row format, too, the rows of a regular list are one tensor. */
  #decodeOnly(signature: Signature): NamedTensors | undefined {
    if (signature.inputs.size !== 1) return undefined;
    const tensors: NamedTensors = Object.create(null);
    for (const input of signature.inputs.values()) {
      const builder = this.#builderFor(input);
      if (!this.#scan(builder)) return undefined;
      tensors[input.name] = builder.finish(this.#scanner.shape);
    }
    return tensors;
  }

  #decodeMembers(signature: Signature): NamedTensors | undefined {
    const inputs = [...signature.inputs.values()];
    const tensors: NamedTensors = Object.create(null);
    let count = 0;
    this.#take(OPEN_BRACE);
    do {
      const index = this.#takeInputName(inputs, count);
      if (index < 0) return undefined;
      const input = inputs[index]!;
      if (input.name in tensors) return undefined;
      const builder = this.#builderFor(input);
      if (!this.#scan(builder)) return undefined;
      tensors[input.name] = builder.finish(this.#scanner.shape);
      count++;
    } while (this.#take(COMMA));
    return count === inputs.length && this.#take(CLOSE_BRACE) ? tensors : undefined;
  }

  #decodeRowObjects(signature: Signature): NamedTensors | undefined {
    const inputs = [...signature.inputs.values()];
    const builders = inputs.map((input) => this.#builderFor(input));
    let rows = 0;
    this.#take(OPEN_BRACKET);
    do {
      if (!this.#decodeRowObject(inputs, builders, rows)) return undefined;
      rows++;
    } while (this.#take(COMMA));
    if (!this.#take(CLOSE_BRACKET)) return undefined;
    const tensors: NamedTensors = Object.create(null);
    for (const [index, builder] of builders.entries()) {
      tensors[inputs[index]!.name] = builder.finish([rows, ...builder.elementShape!]);
    }
    return tensors;
  }

  #decodeRowObject(inputs: readonly TensorSpec[], builders: readonly TensorBuilder[], row: number): boolean {
    if (!this.#take(OPEN_BRACE)) return false;
    let count = 0;
    do {
      const index = this.#takeInputName(inputs, count);
      if (index < 0) return false;
      const builder = builders[index]!;
      // A name that stands twice leaves its builder ahead of the others.
      if (builder.elements !== row) return false;
      if (!this.#scan(builder)) return false;
      if (!builder.endElement(this.#scanner.shape)) return false;
      count++;
    } while (this.#take(COMMA));
    return count === inputs.length && this.#take(CLOSE_BRACE);
  }

  #builderFor({ dtype }: TensorSpec): TensorBuilder {
    const rest = this.#text.length - this.#at;
    return new TensorBuilder(dtype, dtype === 'string' ? STRING_CAPACITY : 0, this.#at, rest);
  }

  #scan(builder: TensorBuilder): boolean {
    const end = this.#scanner.scan(this.#skipSpace(), builder);
    if (end === GIVE_UP) return false;
    this.#at = end;
    return true;
  }

  #skipSpace(): number {
    const text = this.#text;
    let at = this.#at;
    while (at < text.length && isSpace(text[at]!)) at++;
    this.#at = at;
    return at;
  }

  #take(byte: number): boolean {
    if (this.#text[this.#skipSpace()] !== byte) return false;
    this.#at++;
    return true;
  }

  /** The position of what follows a byte that must come next, which is not taken; −1 when another byte does. */
  #peekAfter(byte: number): number {
    const start = this.#skipSpace();
    if (this.#text[start] !== byte) return GIVE_UP;
    this.#at = start + 1;
    const at = this.#skipSpace();
    this.#at = start;
    return at;
  }

  /** Takes a member's name, whose opening mark is taken, with the colon after it, if it is this (ASCII) one. */
  #takeName(name: string): boolean {
    const text = this.#text;
    const start = this.#at;
    const end = start + name.length;
    if (text[end] !== QUOTE) return false;
    for (let i = 0; i < name.length; i++) {
      const code = name.charCodeAt(i);
      if (text[start + i] !== code || code > 0x7f || code < 0x20 || code === BACKSLASH || code === QUOTE) return false;
    }
    this.#at = end + 1;
    if (this.#take(COLON)) return true;
    this.#at = start;
    return false;
  }

  /** Takes the name of an input, tried first where it stands in the signature; −1 for any other name. */
  #takeInputName(inputs: readonly TensorSpec[], likely: number): number {
    if (!this.#take(QUOTE)) return GIVE_UP;
    for (let i = 0; i < inputs.length; i++) {
      const index = (likely + i) % inputs.length;
      if (this.#takeName(inputs[index]!.name)) return index;
    }
    return GIVE_UP;
  }

  /** Takes a string of plain ASCII. */
  #takeShortString(): string | undefined {
    if (!this.#take(QUOTE)) return undefined;
    const start = this.#at;
    const text = this.#text;
    let at = start;
    for (; text[at] !== QUOTE; at++) {
      const byte = text[at];
      if (byte === undefined || byte < 0x20 || byte > 0x7e || byte === BACKSLASH) return undefined;
    }
    this.#at = at + 1;
    return text.toString('latin1', start, at);
  }
}
