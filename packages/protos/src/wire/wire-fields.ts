/** Goes through a message's bytes field by field, for what is too large or too frequent to become objects. */
import protobuf from 'protobufjs/light.js';
import { ensureExactIntegers } from '../tensor/exact-integers.js';

ensureExactIntegers();

/** A field's tag on the wire for fields that have a length: messages, strings, bytes and packed lists. */
export function lengthDelimited(field: number): number {
  return (field << 3) | 2;
}

/**
 * Calls `read` at each field, in order. It takes the field's value from the reader and says so with anything truthy;
 * otherwise the field is skipped. A message's end is its bytes' end.
 *
 * @throws Error, with protobufjs's reason, for bytes that are not a message.
 */
export function readFields(bytes: Uint8Array, read: (tag: number, reader: protobuf.Reader) => unknown): void {
  const reader = protobuf.Reader.create(bytes);
  while (reader.pos < reader.len) {
    const tag = reader.uint32();
    if (!read(tag, reader)) reader.skipType(tag & 7);
  }
}

/** Parts of a message that are read before the event loop is to turn: about a millisecond's. */
export const PARTS_AT_ONCE: number = 2 ** 16;

/** What is left until then. Readers take from it what they have read, and pause when nothing is left. */
export interface ReadingPace {
  left: number;
}

/** For what is read in one go. */
export function withoutPause(): ReadingPace {
  return { left: Number.POSITIVE_INFINITY };
}

/** The result of a generator that was given {@link withoutPause} and so never yields. */
export function inOneStep<T>(steps: Iterator<void, T>): T {
  const { value } = steps.next();
  return value as T;
}

/** Yields where nothing is left. */
export function* pauseAt(pace: ReadingPace): Generator<void, void> {
  if (pace.left > 0) return;
  yield;
  pace.left = PARTS_AT_ONCE;
}

/** {@link readFields} with pauses. For a value that takes pauses itself, `read` takes it and returns the steps of reading it. */
export function* readFieldsAt(
  pace: ReadingPace,
  bytes: Uint8Array,
  read: (tag: number, reader: protobuf.Reader) => boolean | Iterable<void>,
): Generator<void, void> {
  const reader = protobuf.Reader.create(bytes);
  while (reader.pos < reader.len) {
    const tag = reader.uint32();
    const taken = read(tag, reader);
    if (taken === false) reader.skipType(tag & 7);
    else if (taken !== true) yield* taken;
    pace.left -= 1;
    if (pace.left <= 0) yield* pauseAt(pace);
  }
}

/** The tag of the field that TensorFlow's messages have their name in. */
export const NAME: number = lengthDelimited(1);

/** The name of a serialized message that has it in its first field; empty for none. */
export function nameIn(message: Uint8Array): string {
  let name = '';
  readFields(message, (tag, reader) => {
    if (tag !== NAME) return false;
    name = reader.string();
    return true;
  });
  return name;
}
