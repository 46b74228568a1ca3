/** A body that came in pieces, as one text for as long as it is being decoded. */
import { SLICE_BYTES, type SliceBudget } from '../slicing/slice-budget.js';

/**
 * Calls `read` with the whole text. Pieces are joined in memory that is kept for the next body: a new megabyte for every
 * body costs more than joining it, most of it in collecting garbage. So nothing that `read` makes may be a view of the text.
 */
export function readJoined<T>(body: Uint8Array | readonly Uint8Array[], read: (text: Uint8Array) => T): T {
  if (body instanceof Uint8Array) return read(body);
  if (body.length === 1) return read(body[0]!);
  let length = 0;
  for (const piece of body) length += piece.length;
  const memory = takeMemory(length);
  try {
    let at = 0;
    for (const piece of body) {
      memory.set(piece, at);
      at += piece.length;
    }
    return read(memory.subarray(0, length));
  } finally {
    if (memory.length <= MOST_KEPT) kept = memory;
  }
}

/**
 * The whole text of a body that is decoded in slices, and so isn't in the memory that is kept: others decode meanwhile.
 * Yields where the budget is used up.
 */
export function* joinInSlices(
  body: Uint8Array | readonly Uint8Array[],
  budget: SliceBudget,
): Generator<void, Uint8Array> {
  if (body instanceof Uint8Array) return body;
  if (body.length === 1) return body[0]!;
  let length = 0;
  for (const piece of body) length += piece.length;
  const memory = Buffer.allocUnsafeSlow(length);
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

/** Of this thread; nobody's while it is in use. */
let kept: Buffer | undefined;

/** A larger text gets memory of its own, which goes with it. */
const MOST_KEPT = 8 * 1024 * 1024;

function takeMemory(length: number): Buffer {
  const memory = kept;
  if (memory === undefined || memory.length < length) return Buffer.allocUnsafeSlow(roomFor(length));
  kept = undefined;
  return memory;
}

/** The next power of two, so that bodies that grow a little each time don't need new memory each time. */
function roomFor(length: number): number {
  return length > MOST_KEPT ? length : 2 ** Math.ceil(Math.log2(Math.max(length, 1)));
}
