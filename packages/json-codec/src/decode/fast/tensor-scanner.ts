/** One tensor of the body, straight from the bytes: brackets, shape and values in one pass. */

import {
  MARGIN,
  POSITION,
  RANK,
  SCAN_STATE,
  SCAN_STATE_END,
  SIZES,
  TEXT,
  TEXT_SIZE,
  VALUE_COUNT,
} from '../../numbers/number-loops.generated.js';
import {
  type NumberLoop,
  type NumberLoops,
  numberLoops,
  SCAN_DONE,
  SCAN_MORE_TEXT,
} from '../../numbers/number-loops.js';
import { ELEMENT_COST, type SliceBudget } from '../../slicing/slice-budget.js';
import type { GrowingNumbers } from '../growing-numbers.js';
import type { TensorBuilder } from '../tensor-builder.js';
import { GIVE_UP, PAUSED } from './bail-out.js';
import { StringListScanner } from './string-list-scanner.js';

/**
 * Reads tensors whose lists are as regular as nearly all are: no empty list, every list as long as its neighbours, every
 * value of the data type. It gives up on anything else; the exact reader then says what is wrong. Numbers go through
 * {@link NumberLoops}, a piece of the body at a time; without those it gives up on them.
 */
export class TensorScanner {
  readonly #body: Uint8Array;
  readonly #loops: NumberLoops | undefined;
  #strings: StringListScanner | undefined;
  /** The piece of the body that is in the loops' memory. */
  #start = 0;
  #end = 0;
  #claim = NO_CLAIM;
  /** While it pauses in a tensor of numbers: where, and what the loops know of it. */
  #pausedAt = 0;
  #scanState: Int32Array | undefined;
  /** Shape of the tensor that was read last. */
  shape: readonly number[] = SCALAR;

  constructor(body: Uint8Array) {
    this.#body = body;
    this.#loops = numberLoops();
  }

  /**
   * Appends the values of the tensor at `from` to the builder; the position after it, −1 to give up, or −2 when the budget is
   * used up: {@link resume} then goes on.
   */
  scan(from: number, builder: TensorBuilder, budget: SliceBudget): number {
    if (builder.strings !== undefined) {
      this.#strings ??= new StringListScanner(this.#body);
      return this.#scanned(this.#strings, this.#strings.scan(from, builder.strings, budget));
    }
    const loop = this.#loops?.byType[builder.dtype];
    return loop === undefined ? GIVE_UP : this.#scanNumbers(from, true, loop, builder.numbers!, budget);
  }

  /** Goes on with the tensor in which {@link scan} has paused, which must be given the same builder. */
  resume(builder: TensorBuilder, budget: SliceBudget): number {
    const strings = this.#strings;
    if (builder.strings !== undefined) return this.#scanned(strings!, strings!.resume(builder.strings, budget));
    const loops = this.#loops!;
    loops.words.set(this.#scanState!, SCAN_STATE >> 2);
    this.#load(loops, this.#pausedAt);
    return this.#scanNumbers(this.#pausedAt, false, loops.byType[builder.dtype]!, builder.numbers!, budget);
  }

  #scanned(strings: StringListScanner, end: number): number {
    if (end >= 0) this.shape = strings.shape;
    return end;
  }

  #scanNumbers(from: number, begins: boolean, loop: NumberLoop, numbers: GrowingNumbers, budget: SliceBudget): number {
    const loops = this.#loops!;
    const { words } = loops;
    const { length } = this.#body;
    const isFirst = numbers.length === 0;
    let at = from;
    let isStart = begins;
    if (loops.textClaim !== this.#claim || !this.#holds(at)) this.#load(loops, at);
    for (;;) {
      const base = TEXT - this.#start;
      const isLast = this.#end === length;
      const before = at;
      const outcome = loops.scan(loop.type, base + at, base + this.#end, isLast, isStart);
      at = words[POSITION >> 2]! - base;
      const count = words[VALUE_COUNT >> 2]!;
      budget.left -= at - before + ELEMENT_COST * count;
      if (outcome === SCAN_DONE) {
        // A tensor that is read at once is probably the only one that its builder gets.
        numbers.append(loop.values, count, isStart && isFirst ? 0 : length - at, at);
        this.shape = shapeIn(words);
        return at;
      }
      if (outcome !== SCAN_MORE_TEXT || isLast) return GIVE_UP;
      numbers.append(loop.values, count, length - at, at);
      isStart = false;
      if (budget.left <= 0) {
        // The loops are for every decoder of this thread.
        this.#scanState = words.slice(SCAN_STATE >> 2, SCAN_STATE_END >> 2);
        this.#pausedAt = at;
        return PAUSED;
      }
      this.#load(loops, at);
    }
  }

  /** Whether enough of the text from a position on is in the loops' memory to begin there. */
  #holds(at: number): boolean {
    return at >= this.#start && at < (this.#end === this.#body.length ? this.#end : this.#end - MARGIN);
  }

  /** Puts the text from a position on into the loops' memory, as much as there is room for. */
  #load(loops: NumberLoops, from: number): void {
    const body = this.#body;
    const { text } = loops;
    const end = Math.min(body.length, from + TEXT_SIZE);
    const length = end - from;
    if (length <= SHORT) for (let i = 0; i < length; i++) text[i] = body[from + i]!;
    else text.set(body.subarray(from, end));
    this.#claim = ++loops.textClaim;
    this.#start = from;
    this.#end = end;
  }
}

const NO_CLAIM = -1;
const SCALAR: readonly number[] = [];

/** Below this many bytes a loop copies faster than a call of `set`. */
const SHORT = 64;

function shapeIn(words: Int32Array): readonly number[] {
  const rank = words[RANK >> 2]!;
  if (rank === 0) return SCALAR;
  const sizes: number[] = [];
  for (let i = 0; i < rank; i++) sizes.push(words[(SIZES >> 2) + i]!);
  return sizes;
}
