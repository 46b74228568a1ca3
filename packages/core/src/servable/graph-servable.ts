/** The servable whose tensors can be had by their names in a graph. */

import type { SignatureDefMap } from '../messages/signature-def.js';
import type { Tensor } from '../tensor/tensor.js';
import type { RunOptions } from './inference-servable.js';

/**
 * What SessionService.SessionRun needs: SavedModels have it. Tensors are named as in the graph (`x:0`). What executes the graph checks
 * them; the servable refuses what would end the process there.
 */
export interface GraphServable {
  /** Where signatures' aliases stand for tensors. */
  readonly signatureDefs: SignatureDefMap;
  /** One tensor per fetch, in their order. It rejects with a `ServingError`; its other promises are those of `InferenceServable.run`. */
  runGraph(
    feeds: ReadonlyMap<string, Tensor>,
    fetches: readonly string[],
    options?: Pick<RunOptions, 'signal' | 'deadline' | 'limits'>,
  ): Promise<Tensor[]>;
}

/** Whether an object of unknown kind has a graph that can be run. */
export function isGraphServable(servable: unknown): servable is GraphServable {
  return typeof servable === 'object' && servable !== null && typeof Reflect.get(servable, 'runGraph') === 'function';
}
