/** A parsed JSON text as flat rows of numbers: no objects per value, no recursion, positions instead of copies. */
import { textFromBytes } from '@serving/core';
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
  /** First byte of a token; of a string, the byte after its quotation mark. */
  starts: Uint32Array = new Uint32Array(FIRST_CAPACITY);
  /** Byte after a token; of a string, its closing quotation mark. */
  ends: Uint32Array = new Uint32Array(FIRST_CAPACITY);
  /** Of arrays and objects: the node after all that is inside (their parent while they are being read). */
  links: Uint32Array = new Uint32Array(FIRST_CAPACITY);
  /** Elements of an array, members of an object; of a string 1 when it holds escapes. */
  counts: Uint32Array = new Uint32Array(FIRST_CAPACITY);

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
    return this.kinds[node]!;
  }

  /** Elements or members. */
  count(node: number): number {
    return this.counts[node]!;
  }

  /** The node after this one and all that is inside it. */
  next(node: number): number {
    const kind = this.kinds[node]!;
    return kind === OBJECT || kind === ARRAY ? this.links[node]! : node + 1;
  }

  /** The value of an object's first member of that name (ASCII, without NUL); {@link NONE} without one. */
  member(object: number, name: string): number {
    const end = this.links[object]!;
    for (let key = object + 1; key < end; key = this.next(key + 1)) {
      if (this.stringEquals(key, name)) return key + 1;
    }
    return NONE;
  }

  /** The bytes that a string node stands for: a view when it holds no escapes. */
  stringBytes(node: number): Uint8Array {
    const start = this.starts[node]!;
    const end = this.ends[node]!;
    if (this.counts[node] === 0) return this.text.subarray(start, end);
    const bytes = new Uint8Array(end - start);
    return bytes.subarray(0, unescapeInto(this.text, start, end, bytes, 0));
  }

  /** A string node's bytes as {@link textFromBytes} reads them. */
  stringValue(node: number): string {
    return textFromBytes(this.stringBytes(node));
  }

  /** Whether a string node stands for this text. */
  stringEquals(node: number, text: string): boolean {
    if (this.counts[node] !== 0) return this.stringValue(node) === text;
    const start = this.starts[node]!;
    const length = this.ends[node]! - start;
    for (let i = 0; i < length; i++) {
      const byte = this.text[start + i]!;
      if (byte > 0x7f) return this.stringValue(node) === text;
      if (byte !== text.charCodeAt(i)) return false;
    }
    return length === text.length;
  }

  /** A number's token, or another node's text as it stands. */
  token(node: number): string {
    return textFromBytes(this.text.subarray(this.starts[node], this.ends[node]));
  }

  #grow(): void {
    const capacity = this.kinds.length * 2;
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
    this.links = wider(this.links);
    this.counts = wider(this.counts);
  }
}

const FIRST_CAPACITY = 64;
