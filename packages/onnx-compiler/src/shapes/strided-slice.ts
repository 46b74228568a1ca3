/** The specification of `StridedSlice`, read. */

import { intAttribute } from '../graph/attribute-readers.js';
import type { GraphNode } from '../graph/graph.js';

/** What one entry of the specification does with a dimension of the input, or with a new one. */
export type SliceEntry =
  /** Dimension `dimension` of the input is kept whole. */
  | { readonly kind: 'whole'; readonly dimension: number }
  /** A dimension of size 1 is added. */
  | { readonly kind: 'new' }
  /** One index is taken, and the dimension dropped: entry `entry` of `begin`. */
  | { readonly kind: 'index'; readonly dimension: number; readonly entry: number }
  /** Entry `entry` of `begin`, `end` and `strides`; a masked bound is open. */
  | {
      readonly kind: 'range';
      readonly dimension: number;
      readonly entry: number;
      readonly isBeginOpen: boolean;
      readonly isEndOpen: boolean;
    };

const bit = (mask: number, i: number): boolean => ((mask >> i) & 1) === 1;

/**
 * Returns what each entry does, in the order of the output's dimensions with those that are dropped in their places.
 *
 * @param count - Entries of `begin`.
 * @param rank - The input's rank. `undefined` for a specification with more entries than dimensions, or of unknown rank with an ellipsis.
 */
export function readSliceEntries(node: GraphNode, count: number, rank: number | undefined): SliceEntry[] | undefined {
  const mask = (name: string) => intAttribute(node.attributes, name, 0);
  const [begin, end, ellipsis] = [mask('begin_mask'), mask('end_mask'), mask('ellipsis_mask')];
  const [added, shrunk] = [mask('new_axis_mask'), mask('shrink_axis_mask')];
  if (rank === undefined || count > 31) return undefined;
  const consuming = Array.from({ length: count }, (_, i) => i).filter(
    (i) => !bit(ellipsis, i) && !bit(added, i),
  ).length;
  if (consuming > rank) return undefined;
  const entries: SliceEntry[] = [];
  let dimension = 0;
  for (let entry = 0; entry < count; entry++) {
    if (bit(ellipsis, entry)) {
      for (let skipped = rank - consuming; skipped > 0; skipped--)
        entries.push({ kind: 'whole', dimension: dimension++ });
    } else if (bit(added, entry)) {
      entries.push({ kind: 'new' });
    } else if (bit(shrunk, entry)) {
      entries.push({ kind: 'index', dimension: dimension++, entry });
    } else {
      const bounds = { isBeginOpen: bit(begin, entry), isEndOpen: bit(end, entry) };
      entries.push({ kind: 'range', dimension: dimension++, entry, ...bounds });
    }
  }
  while (dimension < rank) entries.push({ kind: 'whole', dimension: dimension++ });
  return entries;
}

/** The indices that a range of Python's takes from a dimension: first, step and count. */
export function sliceRange(
  size: number,
  begin: number | undefined,
  end: number | undefined,
  step: number,
): { first: number; count: number } {
  const clamp = (at: number, low: number, high: number) => Math.min(Math.max(at < 0 ? at + size : at, low), high);
  const [low, high] = step > 0 ? [0, size] : [-1, size - 1];
  const first = begin === undefined ? (step > 0 ? low : high) : clamp(begin, low, high);
  const last = end === undefined ? (step > 0 ? high : low) : clamp(end, low, high);
  return { first, count: Math.max(0, Math.ceil((last - first) / step)) };
}
