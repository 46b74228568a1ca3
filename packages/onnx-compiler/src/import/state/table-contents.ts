/** Contents of tables from their initialisers. */
import { ServingError } from '@serving/core';
import { StringArray, type Tensor } from '@serving/core/tensor';
import type { TableContents } from '../../graph/graph.js';

/**
 * The contents of a table of keys and values.
 *
 * @param repeats whether a key may come again with another value, as in an import into a mutable table: the last one counts.
 * @throws ServingError `FAILED_PRECONDITION` for a key with two values where that is not allowed, with TensorFlow's text.
 */
export function tableContents(name: string, keys: Tensor, values: Tensor, repeats: boolean): TableContents {
  const count = keys.data.length;
  const rowSize = count === 0 ? 1 : values.data.length / count;
  if (values.shape[0] !== keys.shape[0] || !Number.isInteger(rowSize)) {
    throw new ServingError('INVALID_ARGUMENT', `Table "${name}" has keys [${keys.shape}] and values [${values.shape}]`);
  }
  const rowOfKey = new Map<string, number>();
  for (let i = 0; i < count; i++) {
    const key = elementText(keys, i);
    const earlier = rowOfKey.get(key);
    if (earlier !== undefined && !repeats) {
      const [before, now] = [rowText(values, earlier, rowSize), rowText(values, i, rowSize)];
      if (before === now) continue;
      throw new ServingError(
        'FAILED_PRECONDITION',
        `HashTable has different value for same key. Key ${key} has ${before} and trying to add value ${now}`,
      );
    }
    rowOfKey.set(key, i);
  }
  if (rowOfKey.size === count) return { name, keys, values };
  const rows = [...rowOfKey.values()];
  return {
    name,
    keys: { ...keys, shape: [rows.length], data: takeRows(keys.data, rows, 1) } as Tensor,
    values: {
      ...values,
      shape: [rows.length, ...values.shape.slice(1)],
      data: takeRows(values.data, rows, rowSize),
    } as Tensor,
  };
}

function elementText({ data }: Tensor, index: number): string {
  return data instanceof StringArray ? Buffer.from(data.at(index)).toString('latin1') : String(data[index]);
}

function rowText(values: Tensor, row: number, rowSize: number): string {
  return Array.from({ length: rowSize }, (_, i) => elementText(values, row * rowSize + i)).join(' ');
}

function takeRows(data: Tensor['data'], rows: readonly number[], rowSize: number): Tensor['data'] {
  const indices = rows.flatMap((row) => Array.from({ length: rowSize }, (_, i) => row * rowSize + i));
  if (data instanceof StringArray) return StringArray.from(indices.map((index) => data.at(index)));
  const taken = data.slice(0, indices.length);
  for (const [i, index] of indices.entries()) taken[i] = data[index] as never;
  return taken;
}
