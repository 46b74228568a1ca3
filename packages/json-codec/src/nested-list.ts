/** A nested list of a JSON tape to the values of a tensor: shape from its first elements, then every list checked. */
import { ServingError } from '@serving/core';
import { ARRAY, type JsonTape } from './json-tape.js';
import { appendLeaf } from './leaf-converter.js';
import { shownValue } from './shown-value.js';
import type { TensorBuilder } from './tensor-builder.js';

/**
 * Appends all values of a node to the builder and returns the node's shape; `[]` for what is no list.
 *
 * @throws ServingError `INVALID_ARGUMENT` for a list that is ragged or a value that doesn't fit the data type,
 * `UNIMPLEMENTED` for a data type that JSON can't write.
 */
export function appendNestedList(tape: JsonTape, root: number, builder: TensorBuilder): readonly number[] {
  const shape = shapeOf(tape, root);
  const rank = shape.length;
  const end = tape.next(root);
  const ends = new Uint32Array(rank);
  let depth = 0;
  let node = root;
  while (node < end) {
    while (depth > 0 && node === ends[depth - 1]) depth--;
    if (tape.kind(node) !== ARRAY) {
      if (depth !== rank) throw levelError(tape, node, depth, rank);
      appendLeaf(tape, node, builder);
      node = tape.next(node);
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
    ends[depth++] = tape.next(node);
    node++;
  }
  return shape;
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
