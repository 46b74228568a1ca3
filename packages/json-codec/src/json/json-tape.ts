/** A parsed JSON text as flat rows of numbers: no objects per value, no recursion, positions instead of copies. */
import { textFromBytes } from '@serving/core/internal';
import { ELEMENT_COST, inOneGo, type SliceBudget, UNLIMITED } from '../slicing/slice-budget.js';
import { unescapeInto } from './json-string.js';

/** The kinds of a tape's nodes. A number's kind is that of its token: with `.`, `e`, NaN or Inf it is a double. */
export const NULL = 0;
export const FALSE = 1;
export const TRUE = 2;
export const OBJECT = 3;
export const ARRAY = 4;
export const STRING = 5;
export const INTEGER = 6;
export const DOUBLE = 7;

/** A string with escapes, where kinds are stored. */
export const ESCAPED_STRING: number = STRING | 8;
const KIND = 7;

/** The names that error texts give to the kinds. */
export const KIND_NAMES: readonly string[] = ['Null', 'False', 'True', 'Object', 'Array', 'String', 'Number', 'Number'];

/** "No node". */
export const NONE = 0xffffffff;

/**
 * The nodes of a JSON text in the order of the text; node 0 is the root. An array's elements follow it; an object's
 * members follow it as a string node (the name) and the value's node, duplicates too.
 */
export class JsonTape {
  /** The text; must not change while the tape is in use. */
  readonly text: Uint8Array;
  length = 0;
  kinds: Uint8Array = new Uint8Array(FIRST_CAPACITY);
  /** First byte of a token; of a string, the byte after its quotation mark. Of arrays and objects, how much is in them. */
  starts: Uint32Array = new Uint32Array(FIRST_CAPACITY);
  /**
   * Byte after a token; of a string, its closing quotation mark. Of arrays and objects, the node after all that is inside
   * (their parent while they are being read).
   */
  ends: Uint32Array = new Uint32Array(FIRST_CAPACITY);

  constructor(text: Uint8Array) {
    this.text = text;
  }

  /** Appends a node. */
  add(kind: number, start: number, end: number): number {
    const node = this.length;
    if (node === this.kinds.length) this.#grow();
    this.kinds[node] = kind;
    this.starts[node] = start;
    this.ends[node] = end;
    this.length = node + 1;
    return node;
  }

  kind(node: number): number {
    return this.kinds[node]! & KIND;
  }

  /** Elements or members. */
  count(node: number): number {
    return this.starts[node]!;
  }

  /** The node after this one and all that is inside it. */
  next(node: number): number {
    const kind = this.kinds[node]!;
    return kind === OBJECT || kind === ARRAY ? this.ends[node]! : node + 1;
  }

  /** Whether a string holds escapes. */
  hasEscapes(node: number): boolean {
    return this.kinds[node] === ESCAPED_STRING;
  }

  /** The value of an object's first member of that name (ASCII, without NUL); {@link NONE} without one. */
  member(object: number, name: string): number {
    return inOneGo(this.members(object, [name], UNLIMITED))[0]!;
  }

  /** As {@link member}, of several names; yields where the budget is used up. */
  *members(object: number, names: readonly string[], budget: SliceBudget): Generator<void, number[]> {
    const values = names.map(() => NONE);
    let missing = names.length;
    const end = this.ends[object]!;
    for (let key = object + 1; key < end && missing > 0; key = this.next(key + 1)) {
      if (budget.left <= 0) yield;
      budget.left -= ELEMENT_COST + names.length;
      for (let i = 0; i < names.length; i++) {
        if (values[i] !== NONE || !this.stringEquals(key, names[i]!)) continue;
        values[i] = key + 1;
        missing--;
        break;
      }
    }
    return values;
  }

  /** The bytes that a string node stands for: a view when it holds no escapes. */
  stringBytes(node: number): Uint8Array {
    const start = this.starts[node]!;
    const end = this.ends[node]!;
    if (!this.hasEscapes(node)) return this.text.subarray(start, end);
    const bytes = new Uint8Array(end - start);
    return bytes.subarray(0, unescapeInto(this.text, start, end, bytes, 0));
  }

  /** A string node's bytes as {@link textFromBytes} reads them. */
  stringValue(node: number): string {
    return textFromBytes(this.stringBytes(node));
  }

  /** A member's name as {@link stringValue} reads it, cut where nothing has so long a name. */
  nameValue(node: number): string {
    const start = this.starts[node]!;
    const end = this.ends[node]!;
    if (end - start <= LONGEST_NAME) return this.stringValue(node);
    return `${textFromBytes(this.text.subarray(start, start + LONGEST_NAME))}…`;
  }

  /** Whether a string node stands for this text. */
  stringEquals(node: number, text: string): boolean {
    if (this.ends[node]! - this.starts[node]! > text.length * LONGEST_ESCAPE) return false;
    if (this.hasEscapes(node)) return this.stringValue(node) === text;
    const start = this.starts[node]!;
    const length = this.ends[node]! - start;
    for (let i = 0; i < length; i++) {
      const byte = this.text[start + i]!;
      if (byte > 0x7f) return this.stringValue(node) === text;
      if (byte !== text.charCodeAt(i)) return false;
    }
    return length === text.length;
  }

  /** A number's token. */
  token(node: number): string {
    return textFromBytes(this.text.subarray(this.starts[node], this.ends[node]));
  }

  #grow(): void {
    const { length } = this;
    // Values take two bytes of text each, and all but the first a few what they are in as well.
    const most = length + (this.text.length >> 1) + FIRST_CAPACITY;
    const capacity = Math.max(length + FIRST_CAPACITY, length < MANY ? Math.min(length * 2, most) : most);
    const wider = (old: Uint32Array): Uint32Array => {
      const array = new Uint32Array(capacity);
      array.set(old);
      return array;
    };
    const kinds = new Uint8Array(capacity);
    kinds.set(this.kinds);
    this.kinds = kinds;
    this.starts = wider(this.starts);
    this.ends = wider(this.ends);
  }
}

const FIRST_CAPACITY = 64;

/** Bytes of a name that are read. */
export const LONGEST_NAME: number = 64 * 1024;

/** Bytes of text that a UTF-16 code unit may take. */
const LONGEST_ESCAPE = 6;

/** From this many nodes on there is room for all at once: memory that isn't written to costs less than copying. */
const MANY = 1024 * 1024;
