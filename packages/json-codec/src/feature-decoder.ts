/** One member of an example's JSON object to a feature of a tf.Example. */
import { type Feature, ServingError } from '@serving/core';
import { decodeBase64Into } from './base64.js';
import { numberValue } from './json-number.js';
import { ARRAY, DOUBLE, FALSE, INTEGER, type JsonTape, KIND_NAMES, STRING, TRUE } from './json-tape.js';
import { isBase64Object } from './leaf-converter.js';

/**
 * The feature of a scalar or a flat list. The first element fixes the kind: integers and booleans are int64, numbers
 * with a fraction or an exponent float, strings and base64 objects bytes. `[]` has no kind. One number comes in a plain array, several in a typed one. Byte strings may be views
 * of the tape's text.
 *
 * @throws ServingError `INVALID_ARGUMENT` for an element of another kind or of none, an integer beyond int64, and bad
 * base64.
 */
export function decodeFeature(tape: JsonTape, node: number, name: string): Feature {
  const isList = tape.kind(node) === ARRAY;
  const list: ElementList = {
    tape,
    name,
    first: isList ? node + 1 : node,
    count: isList ? tape.count(node) : 1,
  };
  if (list.count === 0) return { kind: 'unset', values: [] };
  switch (elementKind(list, list.first)) {
    case 'int64':
      return { kind: 'int64', values: int64Values(list) };
    case 'float':
      return { kind: 'float', values: floatValues(list) };
    case 'bytes':
      return { kind: 'bytes', values: bytesValues(list) };
  }
}

type ElementKind = 'int64' | 'float' | 'bytes';

interface ElementList {
  readonly tape: JsonTape;
  readonly name: string;
  readonly first: number;
  readonly count: number;
}

const INT64_MAX = 2n ** 63n - 1n;

function elementKind({ tape, name }: ElementList, node: number): ElementKind {
  const kind = tape.kind(node);
  switch (kind) {
    case TRUE:
    case FALSE:
    case INTEGER:
      return 'int64';
    case DOUBLE:
      return 'float';
    case STRING:
      return 'bytes';
    default:
      if (isBase64Object(tape, node)) return 'bytes';
      throw invalid(`Feature: ${name} has element with unexpected JSON type: ${KIND_NAMES[kind]}`);
  }
}

function checkKind(list: ElementList, node: number, expected: ElementKind): void {
  if (elementKind(list, node) === expected) return;
  throw invalid(`Unexpected element type in feature: ${list.name} expecting type: ${expected}`);
}

function int64Values(list: ElementList): BigInt64Array | readonly bigint[] {
  const { tape, first, count } = list;
  // One value, the usual case, takes a tenth of the memory in a plain array.
  if (count === 1) return [int64Value(list, first, tape.kind(first))];
  const values = new BigInt64Array(count);
  for (let i = 0; i < count; i++) {
    // Elements of these kinds are one node each.
    checkKind(list, first + i, 'int64');
    values[i] = int64Value(list, first + i, tape.kind(first + i));
  }
  return values;
}

function int64Value({ tape, name }: ElementList, node: number, kind: number): bigint {
  if (kind !== INTEGER) return kind === TRUE ? 1n : 0n;
  const rounded = numberValue(tape, node);
  if (Number.isSafeInteger(rounded)) return BigInt(rounded);
  const value = BigInt(tape.token(node));
  if (value > INT64_MAX) throw invalid(`Feature: ${name} has uint64_t element. Only int64_t is supported.`);
  return value;
}

function floatValues(list: ElementList): Float32Array | readonly number[] {
  const { tape, first, count } = list;
  if (count === 1) return [Math.fround(numberValue(tape, first))];
  const values = new Float32Array(count);
  for (let i = 0; i < count; i++) {
    checkKind(list, first + i, 'float');
    values[i] = numberValue(tape, first + i);
  }
  return values;
}

function bytesValues(list: ElementList): readonly Uint8Array[] {
  const { tape, count } = list;
  const values: Uint8Array[] = [];
  for (let node = list.first; values.length < count; node = tape.next(node)) {
    checkKind(list, node, 'bytes');
    values.push(tape.kind(node) === STRING ? tape.stringBytes(node) : decodedBase64(tape.stringBytes(node + 2)));
  }
  return values;
}

function decodedBase64(text: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(text.length);
  const end = decodeBase64Into(text, bytes, 0);
  if (end < 0) throw invalid('Unable to base64 decode');
  return bytes.slice(0, end);
}

function invalid(message: string): ServingError {
  return new ServingError('INVALID_ARGUMENT', message);
}
