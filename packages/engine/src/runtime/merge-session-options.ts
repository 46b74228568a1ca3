/** Session options from two places. */
import type { SessionOptions } from './saved-model-runtime.js';

/** Both; options of `first` win. */
export function mergeSessionOptions(first: SessionOptions, second: SessionOptions): SessionOptions {
  return {
    ...second,
    ...first,
    intraOpThreads: first.intraOpThreads || (second.intraOpThreads ?? 0),
    interOpThreads: first.interOpThreads || (second.interOpThreads ?? 0),
  };
}
