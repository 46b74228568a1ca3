/** Several tensors by name as JSON text: an object per row, or one object of whole tensors. */
import type { NamedTensors, Tensor } from '@serving/core/tensor';
import { ELEMENT_COST, type SliceBudget } from '../slicing/slice-budget.js';
import { ByteWriter } from './byte-writer.js';
import { TensorWriter } from './tensor-writer.js';

/** How {@link RowObjectsWriter} and {@link ColumnObjectWriter} write. */
export interface NamedTensorsLayout {
  /** Without any white space. */
  readonly compact: boolean;
  /** Whether the strings of a tensor go out as `{"b64": …}`. */
  readonly isBase64: (name: string) => boolean;
}

/** Writes tensors, or what they are in, in slices. */
export interface TensorsWriter {
  /** Continues until the budget is used up. Returns whether everything is written. */
  step(budget: SliceBudget): boolean;
}

/** Writes a list with an object per row; all tensors have the first dimension `batchSize`, which is not 0. */
export class RowObjectsWriter implements TensorsWriter {
  readonly #writer: ByteWriter;
  readonly #compact: boolean;
  readonly #batchSize: number;
  readonly #keys: readonly Uint8Array[];
  readonly #sizes: readonly number[];
  readonly #members: readonly TensorWriter[];
  #row = 0;
  #member = 0;
  #isInMember = false;

  constructor(
    writer: ByteWriter,
    tensors: NamedTensors,
    names: readonly string[],
    batchSize: number,
    { compact, isBase64 }: NamedTensorsLayout,
  ) {
    const style = compact ? 'compact' : 'inline';
    this.#writer = writer;
    this.#compact = compact;
    this.#batchSize = batchSize;
    this.#keys = names.map((name, index) => memberStart(name, index, 3, compact));
    this.#sizes = names.map((name) => valueCount(tensors[name]!) / batchSize);
    this.#members = names.map((name) => {
      return new TensorWriter(writer, tensors[name]!, { style, level: 3, firstDimension: 1, base64: isBase64(name) });
    });
  }

  step(budget: SliceBudget): boolean {
    const writer = this.#writer;
    const compact = this.#compact;
    for (; this.#row < this.#batchSize; this.#row++) {
      if (!this.#isInMember && this.#member === 0) {
        if (budget.left <= 0) return false;
        writer.byte(this.#row === 0 ? OPEN_BRACKET : COMMA);
        newLine(writer, 2, compact);
        writer.byte(OPEN_BRACE);
      }
      if (!this.#stepMembers(budget)) return false;
      this.#member = 0;
      newLine(writer, 2, compact);
      writer.byte(CLOSE_BRACE);
    }
    newLine(writer, 1, compact);
    writer.byte(CLOSE_BRACKET);
    return true;
  }

  #stepMembers(budget: SliceBudget): boolean {
    for (; this.#member < this.#members.length; this.#member++) {
      const index = this.#member;
      const member = this.#members[index]!;
      if (!this.#isInMember) {
        const key = this.#keys[index]!;
        this.#writer.raw(key);
        budget.left -= key.length + ELEMENT_COST;
        member.begin(this.#row * this.#sizes[index]!);
      }
      this.#isInMember = !member.step(budget);
      if (this.#isInMember) return false;
    }
    return true;
  }
}

/** Writes an object with a member per tensor. */
export class ColumnObjectWriter implements TensorsWriter {
  readonly #writer: ByteWriter;
  readonly #tensors: NamedTensors;
  readonly #names: readonly string[];
  readonly #layout: NamedTensorsLayout;
  #next = 0;
  #member: TensorWriter | undefined;

  constructor(writer: ByteWriter, tensors: NamedTensors, names: readonly string[], layout: NamedTensorsLayout) {
    this.#writer = writer;
    this.#tensors = tensors;
    this.#names = names;
    this.#layout = layout;
    writer.byte(OPEN_BRACE);
  }

  step(budget: SliceBudget): boolean {
    const writer = this.#writer;
    const { compact } = this.#layout;
    for (; this.#next < this.#names.length; this.#next++) {
      this.#member ??= this.#begin(this.#names[this.#next]!);
      if (!this.#member.step(budget)) return false;
      this.#member = undefined;
    }
    newLine(writer, 1, compact);
    writer.byte(CLOSE_BRACE);
    return true;
  }

  #begin(name: string): TensorWriter {
    const { compact, isBase64 } = this.#layout;
    const style = compact ? 'compact' : 'open';
    this.#writer.raw(memberStart(name, this.#next, 2, compact));
    const place = { style, level: 2, firstDimension: 0, base64: isBase64(name) } as const;
    const member = new TensorWriter(this.#writer, this.#tensors[name]!, place);
    member.begin(0);
    return member;
  }
}

function valueCount(tensor: Tensor): number {
  let count = 1;
  for (const size of tensor.shape) count *= size;
  return count;
}

function newLine(writer: ByteWriter, level: number, compact: boolean): void {
  if (!compact) writer.newLine(level);
}

/** What stands before a member's value: comma, line and name. */
function memberStart(name: string, index: number, level: number, compact: boolean): Uint8Array {
  const writer = new ByteWriter(64);
  if (index > 0) writer.byte(COMMA);
  newLine(writer, level, compact);
  writer.jsonString(Buffer.from(name));
  writer.ascii(compact ? ':' : ': ');
  return writer.finish();
}

const CLOSE_BRACE = 0x7d;
const CLOSE_BRACKET = 0x5d;
const COMMA = 0x2c;
const OPEN_BRACE = 0x7b;
const OPEN_BRACKET = 0x5b;
