/** Work in slices, done to its end. */
import type { SlicedWork } from './slice-budget.js';

/** What came of it, and in how many slices. */
export interface DoneWork<T> {
  readonly result: T;
  readonly slices: number;
}

/** Does all slices; `between` is called between two. */
export function done<T>(work: SlicedWork<T>, between: () => void = () => undefined): DoneWork<T> {
  for (let slices = 1; ; slices++) {
    if (work.step()) return { result: work.result, slices };
    between();
  }
}

/** The message of what a call throws, or what it returns. */
export function outcomeOf<T>(call: () => T): T | string {
  try {
    return call();
  } catch (error) {
    return String(error);
  }
}
