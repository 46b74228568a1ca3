/** The bytes behind the JSON of a body. */
import { ServingError } from '@serving/core';

/** The header with the length of the JSON. */
export const JSON_LENGTH_HEADER = 'Inference-Header-Content-Length';

/** Bytes that are taken tensor by tensor. */
export class BinaryTail {
  private readonly bytes: Uint8Array | undefined;
  private at = 0;

  /** @param bytes `undefined` where the whole body is JSON */
  constructor(bytes: Uint8Array | undefined) {
    this.bytes = bytes;
  }

  /** @throws ServingError `INVALID_ARGUMENT` for more bytes than are left. */
  take(size: number, subject: string): Uint8Array {
    // Clients leave the header out where nothing is behind the JSON.
    const bytes = this.bytes ?? (size === 0 ? NO_BYTES : undefined);
    if (bytes === undefined) {
      throw ServingError.invalidArgument(
        `${subject} has "binary_data_size", but the request is missing the header ${JSON_LENGTH_HEADER}`,
      );
    }
    const missing = this.at + size - bytes.length;
    if (missing > 0) {
      throw ServingError.invalidArgument(`${subject}: ${missing} of its ${size} bytes are missing from the body`);
    }
    this.at += size;
    return bytes.subarray(this.at - size, this.at);
  }

  /** @throws ServingError `INVALID_ARGUMENT` for bytes that no tensor has taken. */
  checkEnd(): void {
    const left = (this.bytes?.length ?? 0) - this.at;
    if (left > 0) {
      throw ServingError.invalidArgument(`${left} bytes are left in the body behind the last binary tensor`);
    }
  }
}

const NO_BYTES = new Uint8Array(0);
