/** Memory for large bodies and batches, used again from one to the next. */

/** Below this size new memory costs less than keeping it. */
const MIN_BYTES = 16 * 1024;

/** Small buffers are cut from pieces of this size: Node's own pieces of 8 KiB cost a microsecond for each response. */
const SLAB_BYTES = 64 * 1024;
const MAX_CUT_BYTES = 4 * 1024;

/** What a {@link BufferPool} keeps when nothing else is said. */
export const DEFAULT_KEPT_BYTES: number = 32 * 1024 * 1024;

/** Free buffers of one size. */
interface SizeClass {
  readonly free: ArrayBuffer[];
  /** When one was last given or taken, in turns. */
  usedAt: number;
}

/**
 * Lends buffers, and keeps those that come back, up to a budget. Fresh memory for every body and batch keeps the garbage
 * collector busy: a tenth of the throughput of a small network. A caller owns the buffer that it takes until {@link give}, and may
 * keep it for good. Sizes are powers of two, so that bodies of nearly one size follow each other in one buffer.
 */
export class BufferPool {
  readonly maxKeptBytes: number;
  /** By the exponent of their size. */
  readonly #classes: SizeClass[] = [];
  readonly #lent = new WeakSet<ArrayBufferLike>();
  #keptBytes = 0;
  #turn = 0;
  #slab: Buffer | undefined;
  #slabUsed = 0;

  /** @param maxKeptBytes of the free buffers. Default: 32 MiB. 0 keeps none. */
  constructor(maxKeptBytes: number = DEFAULT_KEPT_BYTES) {
    this.maxKeptBytes = maxKeptBytes;
  }

  /** Bytes of the free buffers. */
  get keptBytes(): number {
    return this.#keptBytes;
  }

  /** Lends a buffer of at least this length. It holds any bytes. */
  take(byteLength: number): ArrayBuffer {
    if (byteLength < MIN_BYTES || byteLength > this.maxKeptBytes) return new ArrayBuffer(byteLength);
    const exponent = Math.ceil(Math.log2(byteLength));
    const sizeClass = this.#classes[exponent];
    let buffer: ArrayBuffer | undefined;
    if (sizeClass !== undefined) {
      sizeClass.usedAt = ++this.#turn;
      buffer = sizeClass.free.pop();
    }
    if (buffer === undefined) buffer = Buffer.allocUnsafeSlow(2 ** exponent).buffer as ArrayBuffer;
    else this.#keptBytes -= buffer.byteLength;
    this.#lent.add(buffer);
    return buffer;
  }

  /** Returns new memory, which is not taken back. It holds any bytes. */
  cut(byteLength: number): Uint8Array {
    if (byteLength > MAX_CUT_BYTES) return Buffer.allocUnsafe(byteLength);
    if (this.#slab === undefined || this.#slabUsed + byteLength > SLAB_BYTES) {
      this.#slab = Buffer.allocUnsafeSlow(SLAB_BYTES);
      this.#slabUsed = 0;
    }
    const start = this.#slabUsed;
    this.#slabUsed = (start + byteLength + 7) & ~7;
    return this.#slab.subarray(start, start + byteLength);
  }

  /** Takes a buffer back, once no view of it is in use. Ignores one that is not lent. */
  give(buffer: ArrayBufferLike): void {
    if (!this.#lent.delete(buffer) || buffer.byteLength > this.maxKeptBytes) return;
    const exponent = Math.log2(buffer.byteLength);
    let sizeClass = this.#classes[exponent];
    if (sizeClass === undefined) this.#classes[exponent] = sizeClass = { free: [], usedAt: 0 };
    sizeClass.usedAt = ++this.#turn;
    sizeClass.free.push(buffer as ArrayBuffer);
    this.#keptBytes += buffer.byteLength;
    while (this.#keptBytes > this.maxKeptBytes) this.#drop();
  }

  /** Discards a buffer of the size that has not been used for the longest time. */
  #drop(): void {
    let oldest: SizeClass | undefined;
    for (const sizeClass of this.#classes) {
      if (sizeClass === undefined || sizeClass.free.length === 0) continue;
      if (oldest === undefined || sizeClass.usedAt < oldest.usedAt) oldest = sizeClass;
    }
    this.#keptBytes -= oldest!.free.pop()!.byteLength;
  }
}

/** Recognised across two copies of the package. */
const POOL = Symbol.for('@serving/core/buffer-pool');

/** Has {@link bufferPoolOf} find the pool of a server. */
export function attachBufferPool(server: object, pool: BufferPool): void {
  Object.defineProperty(server, POOL, { value: pool });
}

/** The pool of a server, the same for all APIs; a new one for an object that has none, as tests have them. */
export function bufferPoolOf(server: object): BufferPool {
  return (Reflect.get(server, POOL) as BufferPool | undefined) ?? new BufferPool();
}
