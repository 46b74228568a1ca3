/** What is known about the sizes of a sequence. */
import type { Endpoint, GraphNode } from '../graph/graph.js';

/** Whether a scalar is known to be the size of a tensor's first dimension. */
export type IsRowCount = (count: Endpoint, tensor: Endpoint) => boolean;

/** Operations whose results have the sizes of their inputs, so that a fed tensor with elements makes one with elements. */
const keepsSizes: ReadonlySet<string> = new Set(
  `_Input Const Transpose GatherV2 SelectV2 AddV2 Add Sub Mul RealDiv Less Greater Equal NotEqual Cast ExpandDims ConcatV2 MatMul BiasAdd
   ReverseV2 Relu Tanh Sigmoid _Recurrent _ScanResult Fill Pack Shape ZerosLike LogicalNot`.split(/\s+/),
);

/** More nodes than layers have between a sequence and the inputs. */
const MAX_NODES = 500;

/** Whether a tensor may have a dimension of 0 although no input has: what makes it takes parts by position or by value. */
export function dependsOnDataSizes(tensor: Endpoint): boolean {
  const seen = new Set<GraphNode>();
  const work = [tensor.node];
  for (let node = work.pop(); node; node = work.pop()) {
    if (seen.has(node)) continue;
    seen.add(node);
    if (!keepsSizes.has(node.op) || seen.size > MAX_NODES) return true;
    // Sizes that states start with don't decide about the sequence.
    work.push(...node.inputs.slice(0, node.op === '_Recurrent' ? 1 : undefined).map((input) => input.node));
  }
  return false;
}
