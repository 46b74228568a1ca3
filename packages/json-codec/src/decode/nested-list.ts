/** A nested list of a JSON tape to the values of a tensor: shape from its first elements, then every list checked. */
import { ServingError } from '@serving/core';
import { ARRAY, type JsonTape } from '../json/json-tape.js';
import { ELEMENT_COST, type SliceBudget, UNLIMITED } from '../slicing/slice-budget.js';
import { shownValue } from './error-excerpt.js';
import { appendLongLeaf, isLongLeaf, leafLength } from './exact/long-leaf.js';
import { appendLeaf } from './exact/scalar-converter.js';
import type { GrowingStrings } from './growing-strings.js';
import type { TensorBuilder } from './tensor-builder.js';

/**
 * Appends all values of a node to the builder and returns the node's shape; `[]` for what is not a list.
 *
 * @throws ServingError `INVALID_ARGUMENT` for a list that is ragged or a value that doesn't fit the data type,
 * `UNIMPLEMENTED` for a data type that JSON can't write.
 */
export function appendNestedList(tape: JsonTape, root: number, builder: TensorBuilder): readonly number[] {
  const list = new NestedListReader(tape);
  list.begin(root, builder);
  list.step(UNLIMITED);
  return list.shape;
}

/** As {@link appendNestedList}, in slices, one node after the other. */
export class NestedListReader {
  readonly #tape: JsonTape;
  #builder!: TensorBuilder;
  #shape: readonly number[] = [];
  #node = 0;
  #end = 0;
  #depth = 0;
  #ends: number[] = [];
  /** A string that takes several slices. */
  #long: Iterator<void> | undefined;

  constructor(tape: JsonTape) {
    this.#tape = tape;
  }

  /** Of the node that was begun last. */
  get shape(): readonly number[] {
    return this.#shape;
  }

  /** Has {@link step} append the values of a node. */
  begin(root: number, builder: TensorBuilder): void {
    this.#builder = builder;
    this.#shape = shapeOf(this.#tape, root);
    this.#node = root;
    this.#end = this.#tape.next(root);
    this.#depth = 0;
  }

  /** Continues until the budget is used up. Returns whether all values are appended. @throws as {@link appendNestedList} */
  step(budget: SliceBudget): boolean {
    const tape = this.#tape;
    const shape = this.#shape;
    const rank = shape.length;
    const ends = this.#ends;
    const end = this.#end;
    const { strings } = this.#builder;
    let node = this.#node;
    let depth = this.#depth;
    let { left } = budget;
    while (node < end && left > 0) {
      while (depth > 0 && node === ends[depth - 1]) depth--;
      left -= ELEMENT_COST;
      if (tape.kind(node) !== ARRAY) {
        if (depth !== rank) throw levelError(tape, node, depth, rank);
        if (strings === undefined) {
          appendLeaf(tape, node, this.#builder);
          left -= LEAF_TEXT;
        } else {
          budget.left = left;
          const isAppended = this.#appendString(node, strings, budget);
          left = budget.left;
          if (!isAppended) break;
        }
        node = tape.next(node);
        continue;
      }
      if (depth >= rank) {
        throw new ServingError(
          'INVALID_ARGUMENT',
          `Encountered list at unexpected level: ${depth} expected < ${rank}`,
          RAGGED,
        );
      }
      if (tape.count(node) !== shape[depth]) {
        throw new ServingError(
          'INVALID_ARGUMENT',
          `Encountered list at unexpected size: ${tape.count(node)} at level: ${depth} expected size: ${shape[depth]}`,
          RAGGED,
        );
      }
      ends[depth] = tape.next(node);
      depth++;
      node++;
    }
    this.#node = node;
    this.#depth = depth;
    budget.left = left;
    return node >= end;
  }

  /** Whether the leaf is appended; not while a long string needs further slices. */
  #appendString(node: number, strings: GrowingStrings, budget: SliceBudget): boolean {
    if (this.#long === undefined) {
      const length = leafLength(this.#tape, node);
      if (!isLongLeaf(length)) {
        appendLeaf(this.#tape, node, this.#builder);
        budget.left -= length;
        return true;
      }
      this.#long = appendLongLeaf(this.#tape, node, strings, budget);
    }
    if (this.#long.next().done !== true) return false;
    this.#long = undefined;
    return true;
  }
}

const RAGGED = {
  clientHint: 'All lists of one level have the same length and depth: pad shorter ones, or send them one by one',
};

/** Bytes of text that a number usually takes. */
const LEAF_TEXT = 4;

function shapeOf(tape: JsonTape, root: number): number[] {
  const shape: number[] = [];
  for (let node = root; tape.kind(node) === ARRAY; node++) {
    const count = tape.count(node);
    shape.push(count);
    if (count === 0) break;
  }
  return shape;
}

function levelError(tape: JsonTape, node: number, depth: number, rank: number): ServingError {
  return new ServingError(
    'INVALID_ARGUMENT',
    `JSON Value: ${shownValue(tape, node)} found at incorrect level: ${depth + 1} in the JSON DOM. Expected at level: ${rank}`,
    RAGGED,
  );
}
