/** What is known about the number of steps of a sequence. */
import type { Endpoint, GraphNode } from '../graph/graph.js';
import { numbersOf, sameEndpoint, shapeOf } from '../rewrite/graph-view.js';

/** Whether a scalar is the size of a tensor's first dimension. */
export function isRowCountOf(count: Endpoint, tensor: Endpoint): boolean {
  const [known] = numbersOf(count) ?? [];
  if (known !== undefined) return shapeOf(tensor)?.[0] === known;
  const { op, inputs } = count.node;
  if ((op !== 'StridedSlice' && op !== 'GatherV2') || inputs[0]?.node.op !== 'Shape') return false;
  return numbersOf(inputs[1])?.[0] === 0 && sameRows(inputs[0].node.inputs[0]!, tensor);
}

/** Whether two tensors have the same number of rows, as one is the other in another order. */
function sameRows(a: Endpoint, b: Endpoint): boolean {
  const source = (endpoint: Endpoint): Endpoint => {
    let found = endpoint;
    while (found.node.op === 'ReverseV2') found = found.node.inputs[0]!;
    return found;
  };
  return sameEndpoint(source(a), source(b));
}

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
