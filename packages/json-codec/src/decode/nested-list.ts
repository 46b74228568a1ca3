/** A nested list of a JSON tape to the values of a tensor: shape from its first elements, then every list checked. */
import { ServingError } from '@serving/core';
import { ARRAY, type JsonTape } from '../json/json-tape.js';
import { ELEMENT_COST, type SliceBudget, UNLIMITED } from '../slicing/slice-budget.js';
import { shownValue } from './error-excerpt.js';
import { appendLongLeaf, isLongLeaf, leafLength } from './exact/long-leaf.js';
import { appendLeaf } from './exact/scalar-converter.js';
import type { TensorBuilder } from './tensor-builder.js';

/**
 * Appends all values of a node to the builder and returns the node's shape; `[]` for what is no list.
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

  /** Goes on until the budget is used up; whether all values are appended. @throws as {@link appendNestedList} */
  step(budget: SliceBudget): boolean {
    const tape = this.#tape;
    const shape = this.#shape;
    const rank = shape.length;
    const ends = this.#ends;
    while (this.#node < this.#end) {
      if (budget.left <= 0) return false;
      const node = this.#node;
      while (this.#depth > 0 && node === ends[this.#depth - 1]) this.#depth--;
      const depth = this.#depth;
      budget.left -= ELEMENT_COST;
      if (tape.kind(node) !== ARRAY) {
        if (depth !== rank) throw levelError(tape, node, depth, rank);
        if (!this.#appendLeaf(node, budget)) return false;
        this.#node = tape.next(node);
        continue;
      }
      if (depth >= rank) {
        throw new ServingError('INVALID_ARGUMENT', `Encountered list at unexpected level: ${depth} expected < ${rank}`);
      }
      if (tape.count(node) !== shape[depth]) {
        throw new ServingError(
          'INVALID_ARGUMENT',
          `Encountered list at unexpected size: ${tape.count(node)} at level: ${depth} expected size: ${shape[depth]}`,
        );
      }
      ends[depth] = tape.next(node);
      this.#depth++;
      this.#node++;
    }
    return true;
  }

  /** Whether the leaf is appended; not while a long string needs further slices. */
  #appendLeaf(node: number, budget: SliceBudget): boolean {
    if (this.#long === undefined) {
      const { strings } = this.#builder;
      const length = leafLength(this.#tape, node);
      if (strings === undefined || !isLongLeaf(length)) {
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
  );
}
