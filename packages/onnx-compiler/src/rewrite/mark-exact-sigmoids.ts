/** Finds sigmoids whose small values matter. */
import type { Endpoint, SignatureGraph } from '../graph/graph.js';
import { allNodes } from '../graph/rewire.js';

/** The attribute of a `Sigmoid` that is computed by its formula: ONNX Runtime's own is 0 from −18 down. */
export const EXACT_SIGMOID = '_exact';

/** Operations that make small numbers large. */
const MAGNIFYING: ReadonlySet<string> = new Set(
  'Log Log1p Xlogy Xlog1py RealDiv Div DivNoNan Xdivy Reciprocal Inv Rsqrt Pow'.split(' '),
);

/** Operations that pass small numbers on. */
const PASSING: ReadonlySet<string> = new Set(
  'Identity Reshape Squeeze ExpandDims Transpose StridedSlice Slice ConcatV2 Pack Mul Maximum AddV2 Add'.split(' '),
);

/** Marks the sigmoids that logarithms and divisions depend on. */
export function markExactSigmoids(graph: SignatureGraph): void {
  const open: Endpoint[] = allNodes(graph)
    .filter(({ op }) => MAGNIFYING.has(op))
    .flatMap(({ inputs }) => inputs);
  const seen = new Set<unknown>();
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const { node } = next;
    if (seen.has(node)) continue;
    seen.add(node);
    if (node.op === 'Sigmoid') {
      node.attributes = new Map([...node.attributes, [EXACT_SIGMOID, { kind: 'bool', value: true }]]);
    } else if (PASSING.has(node.op)) {
      open.push(...node.inputs);
    }
  }
}
