/** Replaces patterns by operations that run faster. */
import type { SignatureGraph } from '../graph/graph.js';
import { rewriteRecurrent } from '../recurrent/rewrite-recurrent.js';
import { activationRewriters } from './activations.js';
import { foldAffineChain } from './affine-chain.js';
import { foldDenseChain } from './dense-chain.js';
import { layerNormOfRows } from './fused-normalization.js';
import { normalizationRewriters } from './normalization.js';
import { constantBeforeSqueeze, foldDilation, foldPadding } from './padding.js';
import { productRewriters } from './products.js';
import { applyRewriter, type Rewriter } from './rewriter.js';

/** In the order in which they run: each sees the graph without what those before it have replaced. */
const rewriters: Readonly<Record<string, readonly Rewriter[]>> = {
  dilation: [foldDilation],
  padding: [foldPadding, constantBeforeSqueeze],
  products: productRewriters,
  chains: [foldAffineChain, foldDenseChain],
  normalization: [layerNormOfRows, ...normalizationRewriters],
  activations: activationRewriters,
};

/** Rewrites until nothing changes. Returns how often each kind of pattern was found. */
export function rewrite(graph: SignatureGraph): Readonly<Record<string, number>> {
  const found: Record<string, number> = { recurrent: rewriteRecurrent(graph) };
  for (let before = -1, all = 0; all > before; ) {
    before = all;
    for (const [kind, each] of Object.entries(rewriters)) {
      const count = each.reduce((sum, rewriter) => sum + applyRewriter(graph, rewriter), 0);
      found[kind] = (found[kind] ?? 0) + count;
      all += count;
    }
  }
  return found;
}
