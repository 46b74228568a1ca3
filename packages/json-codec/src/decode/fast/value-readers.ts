/** The values of `inputs` and `instances` in their usual forms to tensors; each goes on where its slice ended. */
import type { Signature, TensorSpec } from '@serving/core/extend';
import type { NamedTensors } from '@serving/core/tensor';
import type { SliceBudget } from '../../slicing/slice-budget.js';
import { TensorBuilder } from '../tensor-builder.js';
import { GIVE_UP, PAUSED } from './bail-out.js';
import type { TensorScanner } from './tensor-scanner.js';
import { CLOSE_BRACE, CLOSE_BRACKET, COMMA, OPEN_BRACE, OPEN_BRACKET, type TextCursor } from './text-cursor.js';

/** Reads the value at a cursor. */
export interface ValueReader {
  /** The tensors once there are all of them, `undefined` as long as the reader gives up or pauses. */
  readonly tensors: NamedTensors | undefined;
  /** Goes on until the budget is used up: {@link DONE}, {@link PAUSED} or {@link GIVE_UP}. */
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
