/** Propagates shapes from the inputs of a signature. */
import type { Endpoint, GraphNode, SignatureGraph } from '../graph/graph.js';
import { graphRoots } from '../graph/node-order.js';
import { type DimensionSymbol, type Dimensions, sizeOf, symbolDimension } from './dimension.js';
import { Inference } from './inference.js';
import type { DimensionVector } from './shape-function.js';

/** What is known about shapes of a graph, beyond the numbers in its nodes. */
export interface ShapeFacts {
  /** The number of rows of a request, when every input has an unknown first dimension. */
  readonly batch: DimensionSymbol | undefined;
  /** The shape of a tensor. */
  dimensions(endpoint: Endpoint): Dimensions;
  /** The elements of an integer scalar or vector, where they are numbers or sizes. */
  vector(endpoint: Endpoint): DimensionVector | undefined;
}

/**
 * Propagates shapes from the signature's inputs through the graph and its subgraphs, and narrows the shapes in its nodes. Shapes in
 * the file fill in what does not follow from the inputs.
 */
export function inferShapes(graph: SignatureGraph): ShapeFacts {
  const inference = new Inference();
  const inputs = graph.inputs.map(({ node }) => node);
  const isBatched = inputs.length > 0 && inputs.every((node) => (node.outputs[0]!.shape?.[0] ?? 0) < 0);
  const batch = isBatched ? inference.symbol('batch', false, { node: inputs[0]!, dimension: 0 }) : undefined;
  for (const { alias, node } of graph.inputs) {
    const dimensions = node.outputs[0]!.shape?.map((size, i) => {
      if (size >= 0) return size;
      return symbolDimension(
        i === 0 && batch ? batch : inference.symbol(`${alias}_${i}`, false, { node, dimension: i }),
      );
    });
    inference.set(node, [dimensions], []);
  }
  inference.run(graphRoots(graph));
  for (const node of inference.nodes()) writeShapes(node, inference);
  return {
    batch,
    dimensions: ({ node, index }) => inference.shapes(node)?.[index],
    vector: (endpoint) => inference.vector(endpoint),
  };
}

function writeShapes(node: GraphNode, inference: Inference): void {
  for (const [i, output] of node.outputs.entries()) output.shape = inference.shapes(node)?.[i]?.map(sizeOf);
}
