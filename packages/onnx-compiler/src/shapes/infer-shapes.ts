/** Propagates shapes from the inputs of a signature. */
import type { Endpoint, GraphNode, SignatureGraph } from '../graph/graph.js';
import { graphRoots } from '../graph/node-order.js';
import { type DimensionSymbol, type Dimensions, sizeOf, symbolDimension } from './dimension.js';
import { Inference } from './inference.js';
import type { DimensionVector } from './shape-function.js';

/** What is known about shapes of a graph, beyond the numbers in its nodes. */
export interface ShapeFacts {
  /** The shape of a tensor. */
  dimensions(endpoint: Endpoint): Dimensions;
  /** The elements of an integer scalar or vector, where they are numbers or sizes. */
  vector(endpoint: Endpoint): DimensionVector | undefined;
}

/** Shapes for requests that a batch may hold: all inputs have the same number of rows. */
export interface RowShapeFacts extends ShapeFacts {
  /** The number of rows; `undefined` when an input has a known first dimension, or none. */
  readonly batch: DimensionSymbol | undefined;
}

/**
 * Propagates shapes from the signature's inputs through the graph and its subgraphs, and narrows the shapes in its nodes. Shapes in
 * the file fill in what does not follow from the inputs. Unknown sizes of two inputs are two sizes.
 */
export function inferShapes(graph: SignatureGraph): ShapeFacts {
  const inference = inferred(graph, undefined);
  for (const node of inference.nodes()) writeShapes(node, inference);
  return factsOf(inference);
}

/** Propagates shapes as {@link inferShapes}, of requests whose inputs have one number of rows. The graph stays as it is. */
export function inferRowShapes(graph: SignatureGraph): RowShapeFacts {
  const inputs = graph.inputs.map(({ node }) => node);
  const isBatched = inputs.length > 0 && inputs.every((node) => (node.outputs[0]!.shape?.[0] ?? 0) < 0);
  const inference = inferred(graph, isBatched ? inputs[0] : undefined);
  const rows = isBatched ? inference.shapes(inputs[0]!)?.[0]?.[0] : undefined;
  return { ...factsOf(inference), batch: typeof rows === 'object' ? rows.symbols[0] : undefined };
}

/** @param rows - the input whose first dimension is that of all inputs */
function inferred(graph: SignatureGraph, rows: GraphNode | undefined): Inference {
  const inference = new Inference();
  const batch = rows && inference.symbol('batch', false, { node: rows, dimension: 0 });
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
  return inference;
}

function factsOf(inference: Inference): ShapeFacts {
  return {
    dimensions: ({ node, index }) => inference.shapes(node)?.[index],
    vector: (endpoint) => inference.vector(endpoint),
  };
}

function writeShapes(node: GraphNode, inference: Inference): void {
  for (const [i, output] of node.outputs.entries()) output.shape = inference.shapes(node)?.[i]?.map(sizeOf);
}
