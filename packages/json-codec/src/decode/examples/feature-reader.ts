/** One member of an example's JSON object to a feature of a tf.Example. */
import { ServingError } from '@serving/core';
import type { Feature } from '@serving/core/extend';
import { decodeBase64Into } from '../../json/base64.js';
import { numberValue } from '../../json/json-number.js';
import { ARRAY, DOUBLE, FALSE, INTEGER, type JsonTape, KIND_NAMES, STRING, TRUE } from '../../json/json-tape.js';
import { ELEMENT_COST, type SliceBudget } from '../../slicing/slice-budget.js';
import { appendLongLeaf, isLongLeaf, leafLength } from '../exact/long-leaf.js';
import { isBase64Object } from '../exact/scalar-converter.js';
import { GrowingStrings } from '../growing-strings.js';

/**
 * Reads a scalar or a flat list. The first element fixes the kind: integers and booleans are int64, numbers
 * with a fraction or an exponent float, strings and base64 objects bytes. `[]` has no kind. One number comes in a plain
 * array, several in a typed one. Byte strings may be views of the tape's text.
 */
export class FeatureReader {
  /** Elements that there are. */
  readonly count: number;
  readonly #tape: JsonTape;
  readonly #name: string;
  readonly #kind: ElementKind | 'unset';
  readonly #values: BigInt64Array | Float32Array | bigint[] | number[] | Uint8Array[];
  /** The element that comes next, and how many are done. */
  #node: number;
  #done = 0;
  #long: Iterator<void> | undefined;

  /** @throws ServingError `INVALID_ARGUMENT` for a first element of no kind. */
  constructor(tape: JsonTape, node: number, name: string) {
    const isList = tape.kind(node) === ARRAY;
    this.count = isList ? tape.count(node) : 1;
    this.#tape = tape;
    this.#name = name;
    this.#node = isList ? node + 1 : node;
    this.#kind = this.count === 0 ? 'unset' : this.#kindOf(this.#node);
    this.#values = valuesFor(this.#kind, this.count);
  }

  get isBytes(): boolean {
    return this.#kind === 'bytes';
  }

  /** Once {@link step} has returned true. */
  get feature(): Feature {
    return { kind: this.#kind, values: this.#values } as Feature;
  }

  /**
   * Continues until the budget is used up. Returns whether all elements are read.
   *
   * @throws ServingError `INVALID_ARGUMENT` for an element of another kind or of none, an integer beyond int64, and bad
   * base64.
   */
  step(budget: SliceBudget): boolean {
    const tape = this.#tape;
    for (; this.#done < this.count; this.#done++) {
      if (budget.left <= 0) return false;
      const node = this.#node;
      if (this.#done > 0 && this.#long === undefined) this.#checkKind(node);
      switch (this.#kind) {
        case 'int64':
          (this.#values as BigInt64Array)[this.#done] = this.#int64(node, tape.kind(node));
          break;
        case 'float':
          // One value, the usual case, takes a tenth of the memory in a plain array.
          (this.#values as Float32Array)[this.#done] =
            this.count === 1 ? Math.fround(numberValue(tape, node)) : numberValue(tape, node);
          break;
        default:
          if (!this.#readBytes(node, budget)) return false;
      }
      budget.left -= 2 * ELEMENT_COST;
      this.#node = tape.next(node);
    }
    return true;
  }

  #kindOf(node: number): ElementKind {
    const kind = this.#tape.kind(node);
    switch (kind) {
      case TRUE:
      case FALSE:
      case INTEGER:
        return 'int64';
      case DOUBLE:
        return 'float';
      case STRING:
        return 'bytes';
      default:
        if (isBase64Object(this.#tape, node)) return 'bytes';
        throw ServingError.invalidArgument(
          `Feature: ${this.#name} has element with unexpected JSON type: ${KIND_NAMES[kind]}`,
        );
    }
  }

  #checkKind(node: number): void {
    if (this.#kindOf(node) === this.#kind) return;
    throw ServingError.invalidArgument(
      `Unexpected element type in feature: ${this.#name} expecting type: ${this.#kind}`,
    );
  }

  #int64(node: number, kind: number): bigint {
    if (kind !== INTEGER) return kind === TRUE ? 1n : 0n;
    const rounded = numberValue(this.#tape, node);
    if (Number.isSafeInteger(rounded)) return BigInt(rounded);
    const value = BigInt(this.#tape.token(node));
    if (value > INT64_MAX)
      throw ServingError.invalidArgument(`Feature: ${this.#name} has uint64_t element. Only int64_t is supported.`);
    return value;
  }

  /** Whether the bytes are there; not while a long string needs further slices. */
  #readBytes(node: number, budget: SliceBudget): boolean {
    const tape = this.#tape;
    const values = this.#values as Uint8Array[];
    const length = leafLength(tape, node);
    const isView = tape.kind(node) === STRING && !tape.hasEscapes(node);
    if (isView || !isLongLeaf(length)) {
      values.push(tape.kind(node) === STRING ? tape.stringBytes(node) : decodedBase64(tape.stringBytes(node + 2)));
      if (!isView) budget.left -= length;
      return true;
    }
    this.#long ??= this.#readLong(node, length, budget);
    if (this.#long.next().done !== true) return false;
    this.#long = undefined;
    return true;
  }

  *#readLong(node: number, length: number, budget: SliceBudget): Generator<void, void> {
    const strings = new GrowingStrings(length);
    yield* appendLongLeaf(this.#tape, node, strings, budget);
    (this.#values as Uint8Array[]).push(strings.finish().bytes);
  }
}

type ElementKind = 'int64' | 'float' | 'bytes';

const INT64_MAX = 2n ** 63n - 1n;

function valuesFor(
  kind: ElementKind | 'unset',
  count: number,
): BigInt64Array | Float32Array | bigint[] | number[] | Uint8Array[] {
  if (count === 1 || kind === 'bytes' || kind === 'unset') return [];
  return kind === 'int64' ? new BigInt64Array(count) : new Float32Array(count);
}

function decodedBase64(text: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(text.length);
  const end = decodeBase64Into(text, bytes, 0);
  if (end < 0) throw ServingError.invalidArgument('Unable to base64 decode');
  return bytes.slice(0, end);
}
