/** Reading the messages of a request: small ones at once, large ones in slices between which other requests are answered. */
import { ServingError } from '@serving/core';
import type { GrpcExtensionCall, GrpcExtensionContext } from '@serving/grpc';
import { GeneratedWork, inOneGo } from '@serving/json-codec/internal';
import { PARTS_AT_ONCE, type ReadingPace, withoutPause } from '@serving/protos/tensor';

/** A larger request may take longer than a millisecond to read. */
const MAX_BYTES_AT_ONCE = 256 * 1024;

/** Does the steps of reading one request. */
export class MessageReading {
  readonly #pace: ReadingPace;
  readonly #inSlices: GrpcExtensionContext['inSlices'] | undefined;
  readonly #call: GrpcExtensionCall;

  constructor(bytes: Uint8Array, call: GrpcExtensionCall, inSlices: GrpcExtensionContext['inSlices']) {
    const isLarge = bytes.length > MAX_BYTES_AT_ONCE;
    this.#pace = isLarge ? { left: PARTS_AT_ONCE } : withoutPause();
    this.#inSlices = isLarge ? inSlices : undefined;
    this.#call = call;
  }

  /**
   * What the steps return, at once where they need no pause: most large requests are one tensor that is not copied.
   *
   * @throws ServingError `INVALID_ARGUMENT` for bytes that are not the message, else what the steps threw.
   */
  run<T>(steps: (pace: ReadingPace) => Generator<void, T>): T | Promise<T> {
    if (this.#inSlices === undefined) return inOneGo(parsed(steps(this.#pace)));
    const work = new GeneratedWork(() => parsed(steps(this.#pace)));
    return work.step() ? work.result : this.#inSlices(work, this.#call);
  }
}

function* parsed<T>(steps: Generator<void, T>): Generator<void, T> {
  try {
    return yield* steps;
  } catch (reason) {
    throw unparsed(reason);
  }
}

/** What `decode` returns. @throws ServingError as {@link MessageReading.run} does. */
export function parse<Message>(decode: () => Message): Message {
  try {
    return decode();
  } catch (reason) {
    throw unparsed(reason);
  }
}

function unparsed(reason: unknown): ServingError {
  if (reason instanceof ServingError) return reason;
  return ServingError.invalidArgument(`The request is not a message: ${ServingError.from(reason).message}`, {
    cause: reason,
  });
}
