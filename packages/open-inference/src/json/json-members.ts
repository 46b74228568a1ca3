/** Members and values of a parsed JSON text, as the protocol's objects have them. */
import { ServingError } from '@serving/core';
import { quoteName } from '@serving/core/extend';
import { textFromBytes } from '@serving/core/internal';
import {
  ARRAY,
  DOUBLE,
  FALSE,
  INTEGER,
  type JsonTape,
  NULL,
  numberValue,
  OBJECT,
  STRING,
  TRUE,
} from '@serving/json-codec/internal';
import type { Parameters, ParameterValue } from '../infer/infer-message.js';

/** Nodes of an object's members by name; of a name that stands twice, the last. */
export function membersOf(tape: JsonTape, object: number): Readonly<Record<string, number | undefined>> {
  const members: Record<string, number> = Object.create(null);
  const end = tape.next(object);
  for (let key = object + 1; key < end; key = tape.next(key + 1)) members[tape.nameValue(key)] = key + 1;
  return members;
}

/** Nodes of an array's elements. */
function elementsOf(tape: JsonTape, array: number): number[] {
  const elements: number[] = [];
  const end = tape.next(array);
  for (let node = array + 1; node < end; node = tape.next(node)) elements.push(node);
  return elements;
}

/** @throws ServingError `INVALID_ARGUMENT` for a node that is not an object. */
export function objectAt(tape: JsonTape, node: number, subject: string): Readonly<Record<string, number | undefined>> {
  if (tape.kind(node) === OBJECT) return membersOf(tape, node);
  throw wrongKind(tape, node, subject, 'an object');
}

/** @throws ServingError `INVALID_ARGUMENT` for a missing node, and for one that is not an array. */
export function arrayAt(tape: JsonTape, node: number | undefined, subject: string): number[] {
  if (node !== undefined && tape.kind(node) === ARRAY) return elementsOf(tape, node);
  throw wrongKind(tape, node, subject, 'an array');
}

/** @throws ServingError `INVALID_ARGUMENT` for a missing node, one that is not a string, and half of a surrogate pair. */
export function stringAt(tape: JsonTape, node: number | undefined, subject: string): string {
  if (node === undefined || tape.kind(node) !== STRING) throw wrongKind(tape, node, subject, 'a string');
  const text = tape.stringValue(node);
  if (HALF_PAIR.test(text)) throw ServingError.invalidArgument(`${subject} has half of a surrogate pair`);
  return text;
}

/** @throws ServingError `INVALID_ARGUMENT` for values that are not strings, numbers, true or false. */
export function parametersAt(tape: JsonTape, node: number | undefined, subject: string): Parameters {
  const parameters: Record<string, ParameterValue> = Object.create(null);
  if (node === undefined) return parameters;
  for (const [key, value] of Object.entries(objectAt(tape, node, subject))) {
    // Reserved for headers, in whatever form they have.
    if (key === 'headers') continue;
    parameters[key] = parameterAt(tape, value!, `${subject}: ${quoteName(key)}`);
  }
  return parameters;
}

/** The error of a node that is missing or of another kind. */
export function wrongKind(tape: JsonTape, node: number | undefined, subject: string, expected: string): ServingError {
  if (node === undefined) return ServingError.invalidArgument(`${subject} is missing: expected ${expected}`);
  return ServingError.invalidArgument(`${subject} must be ${expected} (got ${shownNode(tape, node)})`);
}

/** A value for error texts, cut where it is long. */
export function shownNode(tape: JsonTape, node: number): string {
  const kind = tape.kind(node);
  if (kind === OBJECT) return 'an object';
  if (kind === ARRAY) return 'an array';
  if (kind === NULL) return 'null';
  if (kind === TRUE || kind === FALSE) return String(kind === TRUE);
  const start = tape.starts[node]!;
  const end = tape.ends[node]!;
  const text = textFromBytes(tape.text.subarray(start, Math.min(end, start + MOST_SHOWN)));
  const cut = end - start > MOST_SHOWN ? '…' : '';
  return kind === STRING ? quoteName(text + cut) : text + cut;
}

const MOST_SHOWN = 40;
const HALF_PAIR = /\p{Surrogate}/u;

function parameterAt(tape: JsonTape, node: number, subject: string): ParameterValue {
  switch (tape.kind(node)) {
    case STRING:
      return stringAt(tape, node, subject);
    case TRUE:
      return true;
    case FALSE:
      return false;
    case INTEGER: {
      const value = numberValue(tape, node);
      return Number.isSafeInteger(value) ? value : BigInt(tape.token(node));
    }
    case DOUBLE:
      return numberValue(tape, node);
    default:
      throw wrongKind(tape, node, subject, 'a string, a number, true or false');
  }
}
