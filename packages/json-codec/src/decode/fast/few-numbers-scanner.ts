/** Reads a small tensor of numbers out of a text that another reader continues. */
import type { NumericArray, TensorDataType } from '@serving/core/tensor';
import { POSITION, RANK, TEXT, VALUE_COUNT } from '../../numbers/number-loops.generated.js';
import { numberLoops, SCAN_DONE } from '../../numbers/number-loops.js';
import { copyOfNumbers } from './few-numbers-decoder.js';

/** Numbers that were read. */
export interface FewNumbers {
  /** The position after them. */
  readonly end: number;
  /** Lists around a number. */
  readonly depth: number;
  readonly data: NumericArray;
}

/** Longer texts are worth setting a `TensorScanner` up for. */
const SHORT = 4096;

/**
 * Reads the numbers that begin at a position; `undefined` for data types without numbers, for what is not as regular as nearly all lists are, and for
 * a longer text than 4 KiB.
 */
export function scanFewNumbers(text: Uint8Array, from: number, dtype: TensorDataType): FewNumbers | undefined {
  const loops = numberLoops();
  const loop = loops?.byType[dtype];
  const { length } = text;
  if (loops === undefined || loop === undefined || length > SHORT) return undefined;
  const { text: area, words } = loops;
  loops.textClaim++;
  for (let i = from; i < length; i++) area[i] = text[i]!;
  if (loops.scan(loop.type, TEXT + from, TEXT + length, true, true) !== SCAN_DONE) return undefined;
  return {
    end: words[POSITION >> 2]! - TEXT,
    depth: words[RANK >> 2]!,
    data: copyOfNumbers(loop.values, words[VALUE_COUNT >> 2]!),
  };
}
