/** Allocates blocks of a shared region. */
import { ServingError } from '@serving/core';

/** Blocks begin at multiples of this, as engines require of tensors that they use in place. */
export const BLOCK_ALIGNMENT = 64;

/** Sizes between two powers of two, so that a block is at most an eighth larger than requested. */
const STEPS = 8;
const MIN_BYTES = 256;
/** Free blocks of at least this size are returned to the system... */
const LARGE_BYTES = 2 ** 18;
/** ...once free blocks hold more than this. */
const MAX_FREE_BYTES = 2 ** 25;
const PAGE_BYTES = 2 ** 16;

/** What a freed block's memory is returned through. */
export type DiscardPages = (offset: number, bytes: number) => void;

/**
 * Blocks of one process's part of the region: only that process allocates there. Offsets are from the region's beginning. Freed blocks
 * are used again for blocks of their size.
 */
export class BlockAllocator {
  readonly #end: number;
  readonly #discard: DiscardPages;
  readonly #free = new Map<number, number[]>();
  readonly #sizes = new Map<number, number>();
  /** Free blocks without pages. */
  readonly #discarded = new Set<number>();
  #next: number;
  #freeBytes = 0;

  constructor(begin: number, end: number, discard: DiscardPages) {
    this.#next = begin;
    this.#end = end;
    this.#discard = discard;
  }

  /** How many blocks are in use. */
  get count(): number {
    return this.#sizes.size;
  }

  /** @throws ServingError `RESOURCE_EXHAUSTED` when the region has no room. */
  allocate(bytes: number): number {
    const size = blockSize(bytes);
    const free = this.#free.get(size)?.pop();
    if (free !== undefined) {
      if (!this.#discarded.delete(free)) this.#freeBytes -= size;
      this.#sizes.set(free, size);
      return free;
    }
    const offset = this.#next;
    if (offset + size > this.#end) {
      throw new ServingError(
        'RESOURCE_EXHAUSTED',
        `Tensors of ${bytes} bytes do not fit the memory that is shared with the model's process`,
      );
    }
    this.#next = offset + size;
    this.#sizes.set(offset, size);
    return offset;
  }

  /** Takes a block back. An offset that is not one of a block in use is ignored. */
  free(offset: number): void {
    const size = this.#sizes.get(offset);
    if (size === undefined) return;
    this.#sizes.delete(offset);
    const list = this.#free.get(size);
    if (list) list.push(offset);
    else this.#free.set(size, [offset]);
    this.#freeBytes += size;
    if (size < LARGE_BYTES || this.#freeBytes <= MAX_FREE_BYTES) return;
    this.#freeBytes -= size;
    this.#discarded.add(offset);
    const first = Math.ceil(offset / PAGE_BYTES) * PAGE_BYTES;
    const last = Math.floor((offset + size) / PAGE_BYTES) * PAGE_BYTES;
    if (last > first) this.#discard(first, last - first);
  }
}

/** A power of two plus some eighths of it. */
function blockSize(bytes: number): number {
  if (bytes <= MIN_BYTES) return MIN_BYTES;
  const step = Math.max(2 ** Math.floor(Math.log2(bytes)) / STEPS, BLOCK_ALIGNMENT);
  return Math.ceil(bytes / step) * step;
}
