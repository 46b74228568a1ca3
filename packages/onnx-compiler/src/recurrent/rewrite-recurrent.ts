/** Replaces recurrent layers of a graph. */
import type { SignatureGraph } from '../graph/graph.js';
import { allNodes } from '../graph/rewire.js';
import { applyRewriter } from '../rewrite/rewriter.js';
import { sameDimension } from '../shapes/dimension.js';
import { inferShapes } from '../shapes/infer-shapes.js';
import { expandBlockCell } from './block-cells.js';
import { foldBlockLstm } from './block-layer.js';
import { foldRecurrent } from './recurrent-rewriter.js';
import type { IsRowCount } from './step-count.js';

const layers = /^While$|^BlockLSTM(V2)?$|BlockCell$/;

/** Runs before other patterns, which would change what cells are made of. Returns how many layers were found. */
export function rewriteRecurrent(graph: SignatureGraph): number {
  if (!allNodes(graph).some(({ op }) => layers.test(op))) return 0;
  applyRewriter(graph, expandBlockCell);
  for (let found = 0; ; ) {
    const facts = inferShapes(graph);
    const isRowCount: IsRowCount = (count, tensor) => {
      const [size, rows] = [facts.vector(count)?.[0], facts.dimensions(tensor)?.[0]];
      return size !== undefined && rows !== undefined && sameDimension(size, rows);
    };
    const count = applyRewriter(
      graph,
      (node, view) => foldBlockLstm(node, view, isRowCount) ?? foldRecurrent(node, view, isRowCount),
    );
    if (count === 0) return found;
    found += count;
  }
}
