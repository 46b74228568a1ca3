/** Which operations run in TypeScript. */
import type { Endpoint, GraphNode } from '../graph/graph.js';
import { allNodesOf } from '../graph/rewire.js';

/** Operations whose tensors may all be numbers, and that have no ONNX model all the same. */
const stageOperations: ReadonlySet<string> = new Set([
  ...['CTCBeamSearchDecoder', 'CTCGreedyDecoder', 'DecodeWav', 'DenseToDenseSetOperation', 'DenseToSparseSetOperation'],
  ...['DeserializeSparse', 'EditDistance', 'RaggedBincount', 'RaggedCross', 'RaggedFillEmptyRows', 'RaggedGather'],
  ...['RaggedRange', 'RaggedTensorFromVariant', 'RaggedTensorToSparse', 'RaggedTensorToTensor'],
  ...['RaggedTensorToVariant', 'SetSize', 'SparseBincount', 'SparseConcat', 'SparseCross', 'SparseCrossHashed'],
  ...['SparseCrossV2', 'SparseFillEmptyRows', 'SparseReduceMax', 'SparseReduceSum', 'SparseReorder', 'SparseReshape'],
  ...['SparseSlice', 'SparseSoftmax', 'SparseSplit', 'SparseTensorDenseMatMul', 'SparseToDense'],
  ...['SparseToSparseSetOperation', 'UnicodeEncode', 'UnicodeScript'],
]);

/** Nodes without work of their own: every stage and every model may have them. */
export function isSource({ op }: GraphNode): boolean {
  return op === 'Const' || op === '_Input' || op === '_Argument';
}

/** The dtype of an endpoint. */
function dtypeOf({ node, index }: Endpoint): string {
  return node.outputs[index]!.dtype;
}

/**
 * The nodes of a graph that can't be in an ONNX model: those of strings, tables, parsers and ragged or sparse tensors, control flow with
 * such a node inside, and lists that this control flow fills.
 */
export function stageNodes(order: readonly GraphNode[]): Set<GraphNode> {
  const stage = new Set(order.filter((node) => !isSource(node) && (isStageNode(node) || holdsStageNode(node))));
  const lists = order.filter(
    (node) => node.outputs.some(isVariant) || node.inputs.some((input) => isVariant(infoOf(input))),
  );
  for (let before = -1; before !== stage.size; ) {
    before = stage.size;
    for (const node of lists) {
      for (const { node: maker } of node.inputs.filter((input) => isVariant(infoOf(input)))) {
        if (stage.has(node) && !isSource(maker)) stage.add(maker);
        if (stage.has(maker)) stage.add(node);
      }
    }
  }
  return stage;
}

function isStageNode(node: GraphNode): boolean {
  if (stageOperations.has(node.op) || node.table !== undefined) return true;
  return (
    node.outputs.some(({ dtype }) => dtype === 'string') || node.inputs.some((input) => dtypeOf(input) === 'string')
  );
}

function holdsStageNode(node: GraphNode): boolean {
  return Object.values(node.subgraphs ?? {}).some((body) =>
    allNodesOf(body).some((inner) => inner.op !== 'Const' && isStageNode(inner)),
  );
}

const infoOf = ({ node, index }: Endpoint) => node.outputs[index]!;

function isVariant({ dtype }: { readonly dtype: string }): boolean {
  return dtype === 'variant';
}
