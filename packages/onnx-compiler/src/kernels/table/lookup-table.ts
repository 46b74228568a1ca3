/** Tables of the model, indexed by key. */
import { ServingError } from '@serving/core/portable';
import type { Tensor } from '@serving/core/tensor';
import type { TableContents } from '../../graph/graph.js';
import { latin1Text } from '../elements/bytes.js';
import { numbersOf } from '../elements/numbers.js';
import { stringsOf } from '../elements/string-builder.js';

type Key = string | number | bigint;

/** Finds the rows of keys. */
export interface KeyIndex {
  /** For each element of a tensor of keys its row, or -1. */
  rowsOf(keys: Tensor): Int32Array;
}

const indices = new WeakMap<TableContents, KeyIndex>();

/** The index of a table, made once for all nodes that read it. The last of several equal keys counts. */
export function indexOf(table: TableContents): KeyIndex {
  const known = indices.get(table);
  if (known !== undefined) return known;
  const rows = new Map<Key, number>();
  const keys = keysOf(table.keys);
  for (let row = 0; row < keys.length; row++) rows.set(keys[row]!, row);
  const index: KeyIndex = {
    rowsOf: (wanted) => {
      if (wanted.dtype !== table.keys.dtype) {
        throw new ServingError(
          'INVALID_ARGUMENT',
          `Key must be type ${table.keys.dtype} but got ${wanted.dtype} in table "${table.name}"`,
        );
      }
      const values = keysOf(wanted);
      const found = new Int32Array(values.length);
      for (let i = 0; i < found.length; i++) found[i] = rows.get(values[i]!) ?? -1;
      return found;
    },
  };
  indices.set(table, index);
  return index;
}

/** Strings as Latin-1 texts of their bytes, so that they compare as bytes. */
function keysOf(keys: Tensor): ArrayLike<Key> {
  if (keys.dtype === 'string') {
    const { bytes, offsets, length } = stringsOf(keys);
    return Array.from({ length }, (_, i) => latin1Text(bytes, offsets[i], offsets[i + 1]));
  }
  return keys.dtype === 'int64' || keys.dtype === 'uint64' ? (keys.data as BigInt64Array) : numbersOf(keys);
}
