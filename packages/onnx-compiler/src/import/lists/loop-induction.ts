/** Variables of loops that count, and what they say about the number of trips. */
import type { Attributes } from '../../graph/attributes.js';
import type { Endpoint, GraphNode } from '../../graph/graph.js';
import { constantInteger } from './list-value.js';

/** What a variable of a loop's state is before the first trip, when each trip adds one; `undefined` for other variables. */
export function inductionStart(loop: GraphNode, index: number): number | undefined {
  const { body } = loop.subgraphs!;
  const argument = body!.arguments[index];
  const result = body!.results[index]?.node;
  if (!argument || !result || (result.op !== 'AddV2' && result.op !== 'Add')) return undefined;
  const [a, b] = result.inputs;
  const added = a?.node === argument ? b : b?.node === argument ? a : undefined;
  if (!added || constantInteger(added) !== 1) return undefined;
  return constantInteger(loop.inputs[index]!);
}

/** The place of an argument in the loop's state; -1 for other nodes. */
export function stateIndex(loop: GraphNode, { node }: Endpoint, body: 'cond' | 'body'): number {
  return loop.subgraphs![body]!.arguments.indexOf(node);
}

/**
 * Whether the loop makes exactly `count - start` trips where that is not negative: each part of its condition is `counter < count`, for a
 * counter that starts at `start` or below.
 */
export function runsUpTo(loop: GraphNode, count: Endpoint, start: number): boolean {
  const work = [loop.subgraphs!.cond!.results[0]!];
  let isTight = false;
  for (let part = work.pop(); part; part = work.pop()) {
    const { op, inputs } = part.node;
    if (op === 'LogicalAnd') {
      work.push(...inputs);
      continue;
    }
    const [counter, limit] = inputs;
    if (op !== 'Less' || !counter || !limit) return false;
    const first = inductionStart(loop, stateIndex(loop, counter, 'cond'));
    if (first === undefined || first > start || !isSame(limit, count, loop, MAX_DEPTH)) return false;
    isTight ||= first === start;
  }
  return isTight;
}

const MAX_DEPTH = 8;
const comparable: ReadonlySet<string> = new Set(['Shape', 'StridedSlice', 'Pack', 'Cast', 'Squeeze', 'GatherV2']);

/** Whether a value in the loop's condition is one of the graph around it, by what computes both. */
function isSame(inner: Endpoint, outer: Endpoint, loop: GraphNode, depth: number): boolean {
  const index = stateIndex(loop, inner, 'cond');
  if (index >= 0) {
    const { body } = loop.subgraphs!;
    const isInvariant = body!.results[index]?.node === body!.arguments[index];
    return isInvariant && isSame(loop.inputs[index]!, outer, loop, depth);
  }
  if (inner.node === outer.node) return inner.index === outer.index;
  const [a, b] = [inner.node.constant?.tensor(), outer.node.constant?.tensor()];
  if (a && b) {
    const isEqual = (value: unknown, i: number): boolean => value === b.data.at(i);
    return (
      a.dtype === b.dtype &&
      a.data.length === b.data.length &&
      a.data.length < 16 &&
      Array.from(a.data as Iterable<unknown>).every(isEqual)
    );
  }
  if (depth === 0 || inner.node.op !== outer.node.op || !comparable.has(inner.node.op)) return false;
  if (!sameAttributes(inner.node.attributes, outer.node.attributes)) return false;
  const { inputs } = outer.node;
  return inner.node.inputs.every((input, i) => inputs[i] !== undefined && isSame(input, inputs[i], loop, depth - 1));
}

function sameAttributes(a: Attributes, b: Attributes): boolean {
  for (const [key, value] of a) {
    if (key.startsWith('_')) continue;
    const other = b.get(key);
    if (other?.kind !== value.kind) return false;
    if (value.kind === 'list' || value.kind === 'tensor' || value.kind === 'bytes') continue;
    if (value.value !== other.value) return false;
  }
  return true;
}
