/** JSON values as error texts show them: reprinted, cut after 256 bytes. */
import { textFromBytes } from '@serving/core/internal';
import { ByteWriter } from '../encode/byte-writer.js';
import { numberValue } from '../json/json-number.js';
import { ARRAY, DOUBLE, FALSE, INTEGER, type JsonTape, NULL, OBJECT, STRING, TRUE } from '../json/json-tape.js';
import { grisu2 } from '../numbers/grisu2.js';
import { referenceDouble } from '../numbers/reference-double.js';

/**
 * Formats a value of the tape in the layout of TensorFlow Serving's error texts: members on lines of their own, arrays on one
 * line. A piece (value, name or bracket) is begun only while fewer than 256 bytes are there, and printed whole; NaN and
 * infinities end the text.
 */
export function shownValue(tape: JsonTape, node: number): string {
  return new ShownValue(tape).print(node);
}

/** A double as error texts show it; `''` for NaN and infinities. */
export function shownDouble(value: number): string {
  if (!Number.isFinite(value)) return '';
  if (value === 0) return Object.is(value, -0) ? '-0.0' : '0.0';
  const { digits, point } = grisu2(Math.abs(value));
  return (value < 0 ? '-' : '') + layOut(digits, point);
}

const LIMIT = 256;

/** Of a longer string the beginning is shown, as it stands: megabytes do not fit a message. */
const LONGEST_STRING: number = 64 * 1024;

/** JavaScript's layout of a number, with `.0` where it has neither point nor exponent, and no `+` in exponents. */
function layOut(digits: string, point: number): string {
  const count = digits.length;
  if (point > 21 || point <= -6) {
    const exponent = `e${point - 1}`;
    return count === 1 ? digits + exponent : `${digits[0]}.${digits.slice(1)}${exponent}`;
  }
  if (count <= point) return `${digits.padEnd(point, '0')}.0`;
  if (point > 0) return `${digits.slice(0, point)}.${digits.slice(point)}`;
  return `0.${'0'.repeat(-point)}${digits}`;
}

class ShownValue {
  readonly #tape: JsonTape;
  readonly #writer = new ByteWriter(2 * LIMIT);
  /** Open arrays and objects, and how many elements or members of each were begun. */
  readonly #open: number[] = [];
  readonly #begun: number[] = [];

  constructor(tape: JsonTape) {
    this.#tape = tape;
  }

  print(root: number): string {
    const tape = this.#tape;
    const end = tape.next(root);
    let node = root;
    while (this.#writer.length < LIMIT) {
      const parent = this.#open.at(-1);
      if (parent !== undefined && node === tape.ends[parent]) {
        this.#closeParent(parent);
      } else {
        if (node >= end) break;
        if (parent !== undefined) this.#separate(parent);
        if (parent !== undefined && tape.kind(parent) === OBJECT) {
          this.#string(node);
          node++;
          if (this.#writer.length >= LIMIT) break;
          this.#writer.ascii(': ');
        }
        if (!this.#value(node)) break;
        node++;
      }
      if (this.#open.length === 0) break;
    }
    return textFromBytes(this.#writer.finish());
  }

  #separate(parent: number): void {
    const writer = this.#writer;
    const begun = this.#begun[this.#begun.length - 1]!++;
    if (this.#tape.kind(parent) === ARRAY) {
      if (begun > 0) writer.ascii(', ');
      return;
    }
    if (begun > 0) writer.ascii(',');
    writer.newLine(this.#open.length);
  }

  #closeParent(parent: number): void {
    this.#open.pop();
    const begun = this.#begun.pop()!;
    if (this.#tape.kind(parent) === ARRAY) {
      this.#writer.ascii(']');
      return;
    }
    if (begun > 0) this.#writer.newLine(this.#open.length);
    this.#writer.ascii('}');
  }

  /** Prints a scalar or an opening bracket; false when the text ends with it. */
  #value(node: number): boolean {
    const tape = this.#tape;
    const writer = this.#writer;
    switch (tape.kind(node)) {
      case NULL:
        writer.ascii('null');
        return true;
      case FALSE:
        writer.ascii('false');
        return true;
      case TRUE:
        writer.ascii('true');
        return true;
      case STRING:
        this.#string(node);
        return true;
      case INTEGER: {
        const token = tape.token(node);
        writer.ascii(token === '-0' ? '0' : token);
        return true;
      }
      case DOUBLE: {
        const { starts, ends } = tape;
        const value = numberValue(tape, node);
        const text = shownDouble(
          Number.isFinite(value) ? referenceDouble(tape.text, starts[node]!, ends[node]!) : value,
        );
        writer.ascii(text);
        return text !== '';
      }
      default:
        this.#open.push(node);
        this.#begun.push(0);
        writer.ascii(tape.kind(node) === OBJECT ? '{' : '[');
        return true;
    }
  }

  #string(node: number): void {
    const { text, starts, ends } = this.#tape;
    if (ends[node]! - starts[node]! <= LONGEST_STRING) this.#writer.jsonString(this.#tape.stringBytes(node));
    else this.#writer.jsonString(text.subarray(starts[node]!, starts[node]! + LONGEST_STRING));
  }
}
