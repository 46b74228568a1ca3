/** A body that came in pieces, as one text for as long as it is being decoded. */
import { SLICE_BYTES, type SliceBudget } from '../slicing/slice-budget.js';

/** Lends memory: a `BufferPool` of `@serving/core` does. */
export interface DecodeBuffers {
  /** Lends a buffer of at least this length, with any bytes in it. */
  take(byteLength: number): ArrayBuffer;
  /** Takes it back. */
  give(buffer: ArrayBuffer): void;
}

/** How a body is decoded. */
export interface DecodeOptions {
  /** Where the memory comes from in which the pieces of a body are joined. Default: new memory for each body. */
  readonly buffers?: DecodeBuffers | undefined;
}

/**
 * Calls `read` with the whole text. Pieces are joined in memory that is lent meanwhile: a new megabyte for every
 * body costs more than joining it, most of it in collecting garbage. So nothing that `read` makes may be a view of the text.
 */
export function readJoined<T>(
  body: Uint8Array | readonly Uint8Array[],
  read: (text: Uint8Array) => T,
  buffers: DecodeBuffers = freshBuffers,
): T {
  if (body instanceof Uint8Array) return read(body);
  if (body.length === 1) return read(body[0]!);
  const buffer = buffers.take(lengthOf(body));
  try {
    const memory = Buffer.from(buffer);
    let at = 0;
    for (const piece of body) {
      memory.set(piece, at);
      at += piece.length;
    }
    return read(memory.subarray(0, at));
  } finally {
    buffers.give(buffer);
  }
}

/** The whole text of a body that is decoded in slices. Yields where the budget is used up. */
export function* joinInSlices(
  body: Uint8Array | readonly Uint8Array[],
  budget: SliceBudget,
): Generator<void, Uint8Array> {
  if (body instanceof Uint8Array) return body;
  if (body.length === 1) return body[0]!;
  const memory = Buffer.allocUnsafeSlow(lengthOf(body));
  let at = 0;
  for (const piece of body) {
    for (let from = 0; from < piece.length; from += SLICE_BYTES) {
      if (budget.left <= 0) yield;
      const part = piece.subarray(from, from + SLICE_BYTES);
      memory.set(part, at);
      at += part.length;
      budget.left -= part.length;
    }
  }
  return memory;
}

function lengthOf(pieces: readonly Uint8Array[]): number {
  let length = 0;
  for (const piece of pieces) length += piece.length;
  return length;
}

const freshBuffers: DecodeBuffers = {
  take: (byteLength) => Buffer.allocUnsafeSlow(byteLength).buffer as ArrayBuffer,
  give: () => {},
};
