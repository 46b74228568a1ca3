/** Where positions come from. */
import type { Endpoint, GraphNode } from '../graph/graph.js';

/** Operations that pass integers on, by the inputs that they pass. */
const PASSED: Readonly<Record<string, 'first' | 'all' | 'allButLast'>> = {
  Cast: 'first',
  Identity: 'first',
  Reshape: 'first',
  ExpandDims: 'first',
  Squeeze: 'first',
  Pack: 'all',
  ConcatV2: 'allButLast',
};
const INTEGERS: ReadonlySet<string> = new Set(['int8', 'uint8', 'int16', 'uint16', 'int32', 'uint32', 'int64']);

/**
 * The inputs of the signature that positions below `limit` are taken from; `undefined` when they are computed, or when a constant among
 * them is out of range.
 */
export function inputsOfPositions(positions: Endpoint, limit: number): GraphNode[] | undefined {
  const found = new Set<GraphNode>();
  const open = [positions];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const { node, index } = next;
    const dtype = node.outputs[index]!.dtype;
    if (!INTEGERS.has(dtype)) return undefined;
    if (node.op === '_Input') found.add(node);
    else if (node.constant) {
      for (const id of node.constant.tensor().data as Iterable<number | bigint>)
        if (id < 0 || id >= limit) return undefined;
    } else {
      const passed = PASSED[node.op];
      if (passed === undefined) return undefined;
      const end = passed === 'first' ? 1 : passed === 'all' ? node.inputs.length : node.inputs.length - 1;
      open.push(...node.inputs.slice(0, end));
    }
  }
  return [...found];
}
