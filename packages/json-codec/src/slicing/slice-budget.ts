/** How much of a large body is read or written before the event loop is to turn. */

/** Bytes of text that a slice comes to at most, but for a rest too small to stop in. */
export const SLICE_BYTES: number = 256 * 1024;

/** An element counts as so many bytes beside its text: a slice has at most 64k elements. */
export const ELEMENT_COST = 4;

/** What is left of a slice. Readers and writers take from it what they have done, and pause when nothing is left. */
export class SliceBudget {
  /** Bytes; may become negative. */
  left: number;

  constructor(left: number = SLICE_BYTES) {
    this.left = left;
  }
}

/** For work that is done in one go. */
export const UNLIMITED: SliceBudget = new SliceBudget(Number.POSITIVE_INFINITY);

/** Work that is done in slices, so that its caller can let the event loop turn between them. */
export interface SlicedWork<T> {
  /**
   * Does one slice of at most 256 KiB of text or 64k elements; whether that was the last one.
   *
   * @throws ServingError what is wrong with the work. It is over then, as it is when its caller stops iterating.
   */
  step(): boolean;
  /** What came out, once `step` has returned `true`. */
  readonly result: T;
}

/** How work is cut. */
export interface SliceOptions {
  /** Bytes of text that a slice comes to; an element counts as four beside its text. Default: 256 KiB. */
  readonly sliceBytes?: number | undefined;
}

/** A generator that yields where its budget is used up, as work in slices. */
export class GeneratedWork<T> implements SlicedWork<T> {
  readonly #budget: SliceBudget;
  readonly #sliceBytes: number;
  readonly #steps: Iterator<void, T>;
  #result: T | undefined;

  constructor(make: (budget: SliceBudget) => Iterator<void, T>, sliceBytes: number = SLICE_BYTES) {
    this.#sliceBytes = sliceBytes;
    this.#budget = new SliceBudget(sliceBytes);
    this.#steps = make(this.#budget);
  }

  step(): boolean {
    this.#budget.left = this.#sliceBytes;
    const { done, value } = this.#steps.next();
    if (done !== true) return false;
    this.#result = value;
    return true;
  }

  get result(): T {
    return this.#result!;
  }
}

/** The result of a generator that was given {@link UNLIMITED} and so never yields. */
export function inOneGo<T>(steps: Iterator<void, T>): T {
  for (;;) {
    const { done, value } = steps.next();
    if (done === true) return value;
  }
}
