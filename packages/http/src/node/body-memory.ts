/**
 * Memory for large bodies while they come in. Node makes a buffer of 64 KiB for every piece; kept until a body is whole,
 * those of many bodies at once grow old, and the collector has to look through all memory to free them. Copied here at once
 * they go while they are young, and this memory serves one body after the other.
 */

/** A body up to this comes in few pieces. */
export const LEAST_GATHERED: number = 256 * 1024;

/** A larger one is left in its pieces. */
export const MOST_GATHERED: number = 8 * 1024 * 1024;

/** What is kept for later while no body needs it. */
const MOST_KEPT = 16 * 1024 * 1024;

/** Of this thread, the most recently used last. */
const kept: Buffer[] = [];
let keptBytes = 0;

/** Memory of at least this length, at most {@link MOST_GATHERED}; it holds anything. */
export function takeBodyMemory(length: number): Buffer {
  for (let i = kept.length - 1; i >= 0; i--) {
    const memory = kept[i]!;
    if (memory.length < length) continue;
    kept.splice(i, 1);
    keptBytes -= memory.length;
    return memory;
  }
  // The next power of two, so that bodies of nearly one size can follow each other in it.
  return Buffer.allocUnsafeSlow(2 ** Math.ceil(Math.log2(length)));
}

/** Gives memory back, of which nobody has a view any more. */
export function giveBodyMemory(memory: Buffer): void {
  if (keptBytes + memory.length > MOST_KEPT) return;
  kept.push(memory);
  keptBytes += memory.length;
}
