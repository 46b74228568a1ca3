/** What every request body has in common: a JSON object, perhaps with a `signature_name`. */
import { ServingError } from '@serving/core';
import { JsonReader } from '../json/json-reader.js';
import { type JsonTape, NONE, OBJECT, STRING } from '../json/json-tape.js';
import type { SliceBudget } from '../slicing/slice-budget.js';
import { notAnObjectHint, type RequestKind, unparsedHint } from './body-hint.js';
import { shownValue } from './error-excerpt.js';

/** The node of the body itself. */
export const ROOT = 0;

/** A body that is well-formed so far. */
export interface RequestBody {
  readonly tape: JsonTape;
  /** `undefined` when the body names none, or `''`. */
  readonly signatureName: string | undefined;
}

/**
 * Reads a body whole; yields where the budget is used up.
 *
 * @param kind whose form the hints of errors name
 * @throws ServingError `INVALID_ARGUMENT` for a syntax error, a body that is not an object, and a `signature_name` that is
 * not a string.
 */
export function* readRequestBody(
  body: Uint8Array,
  kind: RequestKind,
  budget: SliceBudget,
): Generator<void, RequestBody> {
  const tape = yield* readTape(body, kind, budget);
  if (tape.kind(ROOT) !== OBJECT) {
    throw ServingError.invalidArgument(`JSON Value: ${shownValue(tape, ROOT)} Is not object`, {
      clientHint: notAnObjectHint(tape, ROOT, kind),
    });
  }
  const [name] = yield* tape.members(ROOT, ['signature_name'], budget);
  if (name === undefined || name === NONE) return { tape, signatureName: undefined };
  if (tape.kind(name) !== STRING) {
    throw ServingError.invalidArgument(
      `JSON Value: ${shownValue(tape, ROOT)} not formatted correctly. 'signature_name' key must be a string value.`,
    );
  }
  return { tape, signatureName: tape.nameValue(name) || undefined };
}

function* readTape(body: Uint8Array, kind: RequestKind, budget: SliceBudget): Generator<void, JsonTape> {
  try {
    const reader = new JsonReader(body);
    while (!reader.step(budget)) yield;
    return reader.tape;
  } catch (error) {
    const { code, message } = ServingError.from(error, 'INTERNAL');
    throw new ServingError(code, message, { cause: error, clientHint: unparsedHint(body, kind) });
  }
}

/**
 * The bytes of a body that a host application has parsed already.
 *
 * @throws ServingError `INVALID_ARGUMENT` for what no JSON parser returns.
 */
export function serializedBody(body: unknown): Uint8Array {
  try {
    return Buffer.from(JSON.stringify(body) ?? '');
  } catch (error) {
    throw new ServingError('INVALID_ARGUMENT', 'The parsed body is not a JSON value', { cause: error });
  }
}
