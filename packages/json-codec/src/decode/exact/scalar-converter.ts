/** One JSON value that is not a list to one value of a tensor, by the rules of its data type. */
import { ServingError } from '@serving/core';
import type { DataType } from '@serving/core/tensor';
import { decodeBase64Into } from '../../json/base64.js';
import { numberValue } from '../../json/json-number.js';
import { unescapeInto } from '../../json/json-string.js';
import { DOUBLE, FALSE, INTEGER, type JsonTape, KIND_NAMES, NULL, OBJECT, STRING, TRUE } from '../../json/json-tape.js';
import { shownValue } from '../error-excerpt.js';
import type { TensorBuilder } from '../tensor-builder.js';

/** Whether a value is an object whose only member is `b64` with a string: bytes, not a plain object. */
export function isBase64Object(tape: JsonTape, node: number): boolean {
  return (
    tape.kind(node) === OBJECT &&
    tape.count(node) === 1 &&
    tape.kind(node + 2) === STRING &&
    tape.stringEquals(node + 1, 'b64')
  );
}

/**
 * Appends the value of a node that is not an array.
 *
 * @throws ServingError `INVALID_ARGUMENT` when the data type doesn't take such a value, `UNIMPLEMENTED` when JSON can't
 * write values of the data type at all.
 */
export function appendLeaf(tape: JsonTape, node: number, builder: TensorBuilder): void {
  const { dtype, numbers, strings } = builder;
  const kind = tape.kind(node);
  if (strings !== undefined) {
    if (kind === STRING) {
      const start = tape.starts[node]!;
      const end = tape.ends[node]!;
      strings.add(unescapeInto(tape.text, start, end, strings.room(end - start), strings.end));
      return;
    }
    if (kind === OBJECT) {
      appendBase64(tape, node, builder);
      return;
    }
    throw typeError(tape, node, dtype);
  }
  if (kind === OBJECT) throw typeError(tape, node, dtype);
  switch (dtype) {
    case 'float':
    case 'double':
      if (kind !== INTEGER && kind !== DOUBLE) break;
      numbers!.pushNumber(numberValue(tape, node));
      return;
    case 'int32':
    case 'int16':
    case 'int8':
    case 'uint8':
      if (!isIntegerWithin(tape, node, -(2 ** 31), 2 ** 31 - 1)) break;
      numbers!.pushNumber(numberValue(tape, node));
      return;
    case 'uint32':
      if (!isIntegerWithin(tape, node, 0, 2 ** 32 - 1)) break;
      numbers!.pushNumber(numberValue(tape, node));
      return;
    case 'int64':
    case 'uint64': {
      if (kind !== INTEGER) break;
      const value = BigInt(tape.token(node));
      if (dtype === 'int64' ? value > INT64_MAX : value < 0n) break;
      numbers!.pushBigInt(value);
      return;
    }
    case 'bool':
      if (kind !== TRUE && kind !== FALSE) break;
      numbers!.pushNumber(kind === TRUE ? 1 : 0);
      return;
    default:
      throw new ServingError('UNIMPLEMENTED', `Conversion of JSON Value: ${shownValue(tape, node)} to type: ${dtype}`);
  }
  throw typeError(tape, node, dtype);
}

const INT64_MAX = 2n ** 63n - 1n;

function isIntegerWithin(tape: JsonTape, node: number, min: number, max: number): boolean {
  if (tape.kind(node) !== INTEGER) return false;
  const value = numberValue(tape, node);
  return value >= min && value <= max;
}

function appendBase64(tape: JsonTape, node: number, { strings }: TensorBuilder): void {
  if (!isBase64Object(tape, node)) {
    throw new ServingError(
      'INVALID_ARGUMENT',
      `JSON Value: ${shownValue(tape, node)} not formatted correctly for base64 data`,
    );
  }
  const text = tape.stringBytes(node + 2);
  const end = decodeBase64Into(text, strings!.room(text.length), strings!.end);
  if (end < 0) throw new ServingError('INVALID_ARGUMENT', 'Unable to base64 decode');
  strings!.add(end);
}

/** Longer strings are not numbers. */
const LONGEST_NUMBER = 32;

/** What usually went wrong with a value; `undefined` where nothing is known. */
function scalarHint(tape: JsonTape, node: number, dtype: DataType): string | undefined {
  const kind = tape.kind(node);
  if (dtype === 'string') return kind === OBJECT ? undefined : 'Strings have quotes: "1"';
  if (kind === DOUBLE && /int/.test(dtype)) return `${dtype} takes whole numbers without a point: 1, not 1.0`;
  if (kind === OBJECT)
    return 'A named input is in an object of its own: {"instances": [{"INPUT": VALUE}]}, or {"inputs": {"INPUT": VALUE}}';
  if (kind === NULL) return 'null is not a value: leave the example out, or send a number';
  const isShort = tape.ends[node]! - tape.starts[node]! <= LONGEST_NUMBER;
  return kind === STRING && isShort && /^-?[\d.]+$/.test(tape.nameValue(node))
    ? 'Numbers have no quotes: 1, not "1"'
    : undefined;
}

function typeError(tape: JsonTape, node: number, dtype: DataType): ServingError {
  return new ServingError(
    'INVALID_ARGUMENT',
    `JSON Value: ${shownValue(tape, node)} Type: ${KIND_NAMES[tape.kind(node)]} is not of expected type: ${dtype}`,
    { clientHint: scalarHint(tape, node, dtype) },
  );
}
