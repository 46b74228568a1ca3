/** Session options from two places. */
import type { SessionOptions } from './saved-model-runtime.js';

/** Both, where `first` decides what it says. */
export function mergeSessionOptions(first: SessionOptions, second: SessionOptions): SessionOptions {
  return {
    ...second,
    ...first,
    intraOpParallelismThreads: first.intraOpParallelismThreads || (second.intraOpParallelismThreads ?? 0),
    interOpParallelismThreads: first.interOpParallelismThreads || (second.interOpParallelismThreads ?? 0),
  };
}
