/** Bodies of one small tensor of numbers, as most are: `{"instances": …}` or `{"inputs": …}` and nothing else. */
import type { TensorSpec } from '@serving/core/extend';
import type { NamedTensors, NumericArray, Tensor } from '@serving/core/tensor';
import { POSITION, RANK, SIZES, TEXT, VALUE_COUNT } from '../../numbers/number-loops.generated.js';
import { numberLoops, SCAN_DONE } from '../../numbers/number-loops.js';
import type { DecodedPredictRequest, SignatureLookup } from '../decoded-predict-request.js';

/** Longer bodies are worth setting a reader up for. */
const SHORT = 4096;

/**
 * Returns `undefined` for any other body, which {@link FastPathDecoder} then reads. The signature is looked up only for a body
 * that can't name one.
 */
export function decodeFewNumbers(body: Uint8Array, lookup: SignatureLookup): DecodedPredictRequest | undefined {
  const { length } = body;
  const loops = numberLoops();
  if (loops === undefined || length > SHORT) return undefined;
  let at = skipSpace(body, 0);
  if (body[at] !== OPEN_BRACE) return undefined;
  at = skipSpace(body, at + 1);
  const isRow = holds(body, at, ROW_NAME);
  if (!isRow && !holds(body, at, COLUMNAR_NAME)) return undefined;
  at = skipSpace(body, at + (isRow ? ROW_NAME : COLUMNAR_NAME).length);
  if (body[at] !== COLON) return undefined;
  at = skipSpace(body, at + 1);
  if (isRow && body[at] !== OPEN_BRACKET) return undefined;
  const { text, words } = loops;
  loops.textClaim++;
  for (let i = at; i < length; i++) {
    const byte = body[i]!;
    // Another member, a string or an object.
    if (byte === QUOTE) return undefined;
    text[i] = byte;
  }
  const signature = lookup.tryGet(undefined);
  const input = signature?.inputs.size === 1 ? firstOf(signature.inputs.values()) : undefined;
  const loop = input && loops.byType[input.dtype];
  if (signature === undefined || input === undefined || loop === undefined) return undefined;
  if (loops.scan(loop.type, TEXT + at, TEXT + length, true, true) !== SCAN_DONE) return undefined;
  if (body[skipSpace(body, words[POSITION >> 2]! - TEXT)] !== CLOSE_BRACE) return undefined;
  const shape: number[] = [];
  for (let i = 0; i < words[RANK >> 2]!; i++) shape.push(words[(SIZES >> 2) + i]!);
  const inputs: NamedTensors = Object.create(null);
  inputs[input.name] = {
    dtype: input.dtype,
    shape,
    data: copyOfNumbers(loop.values, words[VALUE_COUNT >> 2]!),
  } as Tensor;
  return { format: isRow ? 'row' : 'columnar', signature, inputs };
}

function skipSpace(text: Uint8Array, from: number): number {
  let at = from;
  for (let byte = text[at]; byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09; byte = text[at]) at++;
  return at;
}

function holds(text: Uint8Array, at: number, name: Uint8Array): boolean {
  for (let i = 0; i < name.length; i++) if (text[at + i] !== name[i]) return false;
  return true;
}

function firstOf(inputs: Iterable<TensorSpec>): TensorSpec | undefined {
  for (const input of inputs) return input;
  return undefined;
}

/** The first numbers of an array. A loop with one type of arrays is several times as fast. */
export function copyOfNumbers(values: NumericArray, count: number): NumericArray {
  if (!(values instanceof Float32Array)) return values.slice(0, count);
  const copy = new Float32Array(count);
  for (let i = 0; i < count; i++) copy[i] = values[i]!;
  return copy;
}

const ROW_NAME: Uint8Array = Buffer.from('"instances"');
const COLUMNAR_NAME: Uint8Array = Buffer.from('"inputs"');

const CLOSE_BRACE = 0x7d;
const COLON = 0x3a;
const OPEN_BRACE = 0x7b;
const OPEN_BRACKET = 0x5b;
const QUOTE = 0x22;
