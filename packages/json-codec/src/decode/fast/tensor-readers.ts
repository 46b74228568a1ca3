/** The values of `inputs` and `instances` in their usual forms, from the bytes to tensors; each continues where its slice ended. */
import type { Signature, TensorSpec } from '@serving/core/extend';
import type { NamedTensors } from '@serving/core/tensor';
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
import { type GrowingNumbers, TensorBuilder } from '../tensor-builder.js';
import { StringListScanner } from './string-list-scanner.js';
import { GIVE_UP, PAUSED, type TextCursor } from './text-cursor.js';

/** Reads the value at a cursor. */
export interface ValueReader {
  /** The tensors once there are all of them, `undefined` as long as the reader gives up or pauses. */
  readonly tensors: NamedTensors | undefined;
  /** Continues until the budget is used up. Returns {@link DONE}, {@link PAUSED} or {@link GIVE_UP}. */
  read(budget: SliceBudget): number;
}

export const DONE = 0;

/** Bytes of strings to begin with. */
const STRING_CAPACITY = 4096;

/** What the readers have in common: one tensor after the other, each perhaps in several slices. */
abstract class TensorsReader {
  protected readonly cursor: TextCursor;
  protected readonly scanner: TensorScanner;
  #isPaused = false;

  constructor(cursor: TextCursor, scanner: TensorScanner) {
    this.cursor = cursor;
    this.scanner = scanner;
  }

  protected builderFor({ dtype }: TensorSpec): TensorBuilder {
    const { text, at } = this.cursor;
    return new TensorBuilder(dtype, dtype === 'string' ? STRING_CAPACITY : 0, at, text.length - at);
  }

  /** Reads the tensor at the cursor, or the rest of it. */
  protected scan(builder: TensorBuilder, budget: SliceBudget): number {
    const { cursor, scanner } = this;
    const end = this.#isPaused ? scanner.resume(builder, budget) : scanner.scan(cursor.skipSpace(), builder, budget);
    this.#isPaused = end === PAUSED;
    if (end < 0) return end;
    cursor.at = end;
    return DONE;
  }

  /** Whether {@link scan} is in the middle of a tensor. */
  protected get isPaused(): boolean {
    return this.#isPaused;
  }
}

/** The whole value as the signature's one input: in row format, too, the rows of a regular list are one tensor. */
export class OnlyTensorReader extends TensorsReader implements ValueReader {
  tensors: NamedTensors | undefined;
  readonly #input: TensorSpec;
  readonly #builder: TensorBuilder;

  constructor(cursor: TextCursor, scanner: TensorScanner, input: TensorSpec) {
    super(cursor, scanner);
    this.#input = input;
    this.#builder = this.builderFor(input);
  }

  read(budget: SliceBudget): number {
    const outcome = this.scan(this.#builder, budget);
    if (outcome !== DONE) return outcome;
    const tensors: NamedTensors = Object.create(null);
    tensors[this.#input.name] = this.#builder.finish(this.scanner.shape);
    this.tensors = tensors;
    return DONE;
  }
}

/** An object of whole tensors. */
export class MembersReader extends TensorsReader implements ValueReader {
  tensors: NamedTensors | undefined;
  readonly #inputs: readonly TensorSpec[];
  readonly #read: NamedTensors = Object.create(null);
  #count = 0;
  #input: TensorSpec | undefined;
  #builder: TensorBuilder | undefined;

  constructor(cursor: TextCursor, scanner: TensorScanner, signature: Signature) {
    super(cursor, scanner);
    this.#inputs = [...signature.inputs.values()];
  }

  read(budget: SliceBudget): number {
    const { cursor } = this;
    if (!this.isPaused) {
      cursor.take(OPEN_BRACE);
      if (!this.#takeName()) return GIVE_UP;
    }
    for (;;) {
      const outcome = this.scan(this.#builder!, budget);
      if (outcome !== DONE) return outcome;
      this.#read[this.#input!.name] = this.#builder!.finish(this.scanner.shape);
      this.#count++;
      if (!cursor.take(COMMA)) break;
      if (!this.#takeName()) return GIVE_UP;
    }
    if (this.#count !== this.#inputs.length || !cursor.take(CLOSE_BRACE)) return GIVE_UP;
    this.tensors = this.#read;
    return DONE;
  }

  #takeName(): boolean {
    const index = this.cursor.takeInputName(this.#inputs, this.#count);
    if (index < 0) return false;
    const input = this.#inputs[index]!;
    if (input.name in this.#read) return false;
    this.#input = input;
    this.#builder = this.builderFor(input);
    return true;
  }
}

/** A list of objects, each with a member for every input. */
export class RowObjectsReader extends TensorsReader implements ValueReader {
  tensors: NamedTensors | undefined;
  readonly #inputs: readonly TensorSpec[];
  readonly #builders: readonly TensorBuilder[];
  #rows = 0;
  /** Members of the row that were read, and the builder of the one that is being read. */
  #count = 0;
  #builder: TensorBuilder | undefined;

  constructor(cursor: TextCursor, scanner: TensorScanner, signature: Signature) {
    super(cursor, scanner);
    this.#inputs = [...signature.inputs.values()];
    this.#builders = this.#inputs.map((input) => this.builderFor(input));
  }

  read(budget: SliceBudget): number {
    const { cursor } = this;
    if (this.#builder === undefined) cursor.take(OPEN_BRACKET);
    do {
      const outcome = this.#readRow(budget);
      if (outcome !== DONE) return outcome;
      this.#rows++;
    } while (cursor.take(COMMA));
    if (!cursor.take(CLOSE_BRACKET)) return GIVE_UP;
    const tensors: NamedTensors = Object.create(null);
    for (const [index, builder] of this.#builders.entries()) {
      tensors[this.#inputs[index]!.name] = builder.finish([this.#rows, ...builder.elementShape!]);
    }
    this.tensors = tensors;
    return DONE;
  }

  /** Reads a row, or the rest of it. It pauses in front of a value. */
  #readRow(budget: SliceBudget): number {
    const { cursor } = this;
    let builder = this.#builder;
    this.#builder = undefined;
    if (builder === undefined) {
      if (!cursor.take(OPEN_BRACE)) return GIVE_UP;
      this.#count = 0;
      builder = this.#takeName();
    }
    for (;;) {
      if (builder === undefined) return GIVE_UP;
      const outcome = budget.left > 0 ? this.scan(builder, budget) : PAUSED;
      if (outcome !== DONE) {
        this.#builder = builder;
        return outcome;
      }
      if (!builder.endElement(this.scanner.shape)) return GIVE_UP;
      this.#count++;
      if (!cursor.take(COMMA)) break;
      builder = this.#takeName();
    }
    return this.#count === this.#inputs.length && cursor.take(CLOSE_BRACE) ? DONE : GIVE_UP;
  }

  #takeName(): TensorBuilder | undefined {
    const index = this.cursor.takeInputName(this.#inputs, this.#count);
    if (index < 0) return undefined;
    const builder = this.#builders[index]!;
    // A name that stands twice leaves its builder ahead of the others.
    return builder.elements === this.#rows ? builder : undefined;
  }
}

/**
 * Reads tensors whose lists are as regular as nearly all are: no empty list, every list as long as its neighbours, every
 * value of the data type. It gives up on anything else; the exact reader then throws the error. Numbers go through
 * {@link NumberLoops}, a piece of the body at a time; without those it gives up on them.
 */
export class TensorScanner {
  readonly #body: Uint8Array;
  readonly #takesBase64: boolean;
  readonly #loops: NumberLoops | undefined;
  #strings: StringListScanner | undefined;
  /** The piece of the body that is in the loops' memory. */
  #start = 0;
  #end = 0;
  #claim = NO_CLAIM;
  /** While it pauses in a tensor of numbers: the position, and the state of the loops. */
  #pausedAt = 0;
  #scanState: Int32Array | undefined;
  /** Shape of the tensor that was read last. */
  shape: readonly number[] = SCALAR;

  /** @param takesBase64 whether `{"b64": "…"}` objects are strings too */
  constructor(body: Uint8Array, takesBase64: boolean = true) {
    this.#body = body;
    this.#takesBase64 = takesBase64;
    this.#loops = numberLoops();
  }

  /**
   * Appends the values of the tensor at `from` to the builder; the position after it, −1 to give up, or −2 when the budget is
   * used up: {@link resume} then goes on.
   */
  scan(from: number, builder: TensorBuilder, budget: SliceBudget): number {
    if (builder.strings !== undefined) {
      this.#strings ??= new StringListScanner(this.#body, this.#takesBase64);
      return this.#scanned(this.#strings, this.#strings.scan(from, builder.strings, budget));
    }
    const loop = this.#loops?.byType[builder.dtype];
    return loop === undefined ? GIVE_UP : this.#scanNumbers(from, true, loop, builder.numbers!, budget);
  }

  /** Continues with the tensor in which {@link scan} has paused, which must be given the same builder. */
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

const CLOSE_BRACE = 0x7d;
const CLOSE_BRACKET = 0x5d;
const COMMA = 0x2c;
const OPEN_BRACE = 0x7b;
const OPEN_BRACKET = 0x5b;
