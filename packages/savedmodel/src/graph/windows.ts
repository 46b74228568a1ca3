/** Windows that slide over a tensor: those of convolutions and poolings. */
import type { GraphNode } from '@serving/protos/saved-model';

/** How an operation's window moves along each dimension of its input. */
export interface Windows {
  /** Sizes by dimension, 1 where nothing slides or the size isn't known. */
  readonly sizes: readonly number[];
  readonly strides: readonly number[];
  /** Elements that are added around the input by dimension; `undefined` when as many as it takes (`SAME`). */
  readonly padding: readonly number[] | undefined;
}

/** The windows of a pooling. */
export function poolWindows(node: GraphNode, rank: number): Windows {
  return { sizes: listOf(node, 'ksize', rank), ...movement(node, rank) };
}

/** The windows of a convolution. @param filterShape of its filter, as far as it is known. */
export function convolutionWindows(node: GraphNode, rank: number, filterShape: readonly number[] | undefined): Windows {
  const dilations = listOf(node, 'dilations', rank);
  const sizes = new Array<number>(rank).fill(1);
  const first = isChannelsFirst(node) ? 2 : 1;
  for (let i = 0; i < rank - 2; i++) {
    const size = filterShape?.[i] ?? 1;
    sizes[first + i] = size > 0 ? (size - 1) * dilations[first + i]! + 1 : 1;
  }
  return { sizes, ...movement(node, rank) };
}

/**
 * The smallest input, by dimension, whose output is of at least these sizes; 0 where any size is.
 *
 * @param outputs 0 where any size works. Default: one window in each dimension that has one.
 */
export function smallestInput({ sizes, strides, padding }: Windows, outputs?: readonly number[]): number[] {
  return sizes.map((size, i) => {
    const wanted = outputs === undefined ? 1 : outputs[i]!;
    if (wanted === 0) return 0;
    const steps = (wanted - 1) * strides[i]!;
    // With as much padding as it takes there is a window for every element.
    const needed = padding === undefined ? steps + 1 : steps + size - padding[i]!;
    return needed > 1 ? needed : 0;
  });
}

function movement(node: GraphNode, rank: number): Pick<Windows, 'strides' | 'padding'> {
  return { strides: listOf(node, 'strides', rank), padding: paddingOf(node, rank) };
}

function paddingOf(node: GraphNode, rank: number): readonly number[] | undefined {
  switch (node.strings.get('padding')) {
    case 'VALID':
      return new Array<number>(rank).fill(0);
    case 'EXPLICIT': {
      const explicit = node.integers.get('explicit_paddings');
      if (explicit?.length !== 2 * rank) return undefined;
      return Array.from({ length: rank }, (_, i) => explicit[2 * i]! + explicit[2 * i + 1]!);
    }
    default:
      return undefined;
  }
}

function listOf(node: GraphNode, name: string, rank: number): readonly number[] {
  const list = node.integers.get(name);
  return list?.length === rank ? list : new Array<number>(rank).fill(1);
}

function isChannelsFirst(node: GraphNode): boolean {
  return node.strings.get('data_format')?.startsWith('NC') ?? false;
}
