/** A string or base64 object of a JSON tape that is too long for one slice, to a value of a tensor. */
import { ServingError } from '@serving/core';
import { BASE64_KINDS, decodeBase64Into, PAD, SPACE } from '../../json/base64.js';
import { type JsonTape, OBJECT, STRING } from '../../json/json-tape.js';
import { SLICE_BYTES, type SliceBudget } from '../../slicing/slice-budget.js';
import { LongBase64, LongString } from '../fast/long-strings.js';
import { GIVE_UP, PAUSED } from '../fast/text-cursor.js';
import { GrowingStrings } from '../growing-strings.js';
import { isBase64Object } from './scalar-converter.js';

/** Bytes of text that a leaf's value stands in. */
export function leafLength(tape: JsonTape, node: number): number {
  let value = node;
  if (tape.kind(node) === OBJECT) {
    if (!isBase64Object(tape, node)) return 0;
    value = node + 2;
  }
  return tape.ends[value]! - tape.starts[value]!;
}

/** Whether a leaf of so many bytes takes several slices. */
export function isLongLeaf(length: number): boolean {
  return length > SLICE_BYTES;
}

/**
 * Appends what a string or a base64 object stands for, and yields where the budget is used up.
 *
 * @throws ServingError `INVALID_ARGUMENT` for bad base64.
 */
export function* appendLongLeaf(
  tape: JsonTape,
  node: number,
  strings: GrowingStrings,
  budget: SliceBudget,
): Generator<void, void> {
  if (tape.kind(node) === STRING) {
    yield* appendString(tape, node, strings, budget);
    return;
  }
  const value = node + 2;
  if (!tape.hasEscapes(value)) {
    const base64 = new LongBase64(tape.text, tape.starts[value]!, tape.ends[value]!, strings);
    let end = base64.step(strings, budget);
    for (; end === PAUSED; end = base64.step(strings, budget)) yield;
    if (end !== GIVE_UP) return;
    yield* appendBase64(tape.text.subarray(tape.starts[value]!, tape.ends[value]!), strings, budget);
    return;
  }
  const unescaped = new GrowingStrings(leafLength(tape, node));
  yield* appendString(tape, value, unescaped, budget);
  yield* appendBase64(unescaped.finish().bytes, strings, budget);
}

function* appendString(
  tape: JsonTape,
  node: number,
  strings: GrowingStrings,
  budget: SliceBudget,
): Generator<void, void> {
  const string = new LongString(tape.text, tape.starts[node]!, strings);
  while (string.step(strings, budget) === PAUSED) yield;
}

/** Bytes that are looked through, or decoded, at once; of digits a multiple of four. */
const PIECE: number = 64 * 1024;

/** Digits with white space among them and any padding that fits: first the digits alone, then what they stand for. */
function* appendBase64(text: Uint8Array, strings: GrowingStrings, budget: SliceBudget): Generator<void, void> {
  const digits = Buffer.allocUnsafeSlow(text.length);
  let count = 0;
  let pads = 0;
  for (let from = 0; from < text.length; from += PIECE) {
    while (budget.left <= 0) yield;
    const to = Math.min(text.length, from + PIECE);
    for (let i = from; i < to; i++) {
      const kind = BASE64_KINDS[text[i]!]!;
      if (kind === SPACE) continue;
      if (kind === PAD) pads++;
      else if (kind > PAD || pads > 0) throw badBase64();
      else digits[count++] = text[i]!;
    }
    budget.left -= to - from;
  }
  const rest = count % 4;
  if (rest === 1 || (pads > 0 && (rest === 0 || pads !== 4 - rest))) throw badBase64();
  const bytes = strings.room(Math.ceil((count * 3) / 4));
  let at = strings.end;
  for (let from = 0; from < count; from += PIECE) {
    while (budget.left <= 0) yield;
    const to = Math.min(count, from + PIECE);
    at = decodeBase64Into(digits.subarray(from, to), bytes, at);
    budget.left -= to - from;
  }
  strings.add(at);
}

function badBase64(): ServingError {
  return new ServingError('INVALID_ARGUMENT', 'Unable to base64 decode');
}
