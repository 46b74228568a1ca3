/** Loads and unloads one version of a SavedModel. */
import type { LoadContext, ResourceEstimate, StoragePath } from '@serving/core/extend';
import {
  estimateFileBytes,
  FolderLoader,
  ownSession,
  type SavedModelRuntime,
  type Session,
  type SessionOptions,
} from '@serving/engine';
import { checkVariables, readMetaGraphWithGraph } from '@serving/protos/saved-model';
import { hasSmallKernels } from './graph/small-kernels.js';
import { DEFAULT_TAGS, SavedModelServable, type SavedModelServableOptions } from './saved-model-servable.js';
import type { SignatureNames } from './signature-names.js';
import { observedWarmUp } from './warmup/observed-warm-up.js';
import type { WarmupOptions } from './warmup/saved-model-warmup.js';

/** A session that ends puts an end to its warm-up. */
const NEVER: AbortSignal = new AbortController().signal;

/** How SavedModels are loaded; the same for every model of a platform. */
export interface SavedModelLoaderOptions extends SavedModelServableOptions {
  /** Called at each load. May reject, which fails that load. */
  readonly runtime: () => Promise<SavedModelRuntime>;
  readonly session?: SessionOptions;
  /** How a version is warmed up at the end of its load, or `false` for not at all. Default: by its own record file. */
  readonly warmup?: WarmupOptions | false;
  /** Where versions that are loaded are compared with the ones before. Default: nowhere. */
  readonly signatureNames?: SignatureNames;
}

/**
 * Reads the signatures itself and leaves the graph to the runtime; a folder without a fitting meta graph or without its variables fails
 * before the runtime is called. A load ends with the version's warm-up, whose failure is the load's.
 */
export class SavedModelLoader extends FolderLoader<SavedModelServable> {
  readonly #options: SavedModelLoaderOptions;

  constructor(directory: StoragePath, options: SavedModelLoaderOptions) {
    super(directory);
    this.#options = options;
  }

  async estimateResources(): Promise<ResourceEstimate> {
    const runtime = await this.#options.runtime();
    return { ramBytes: await runtime.estimateBytes(this.path) };
  }

  protected async loadServable({ id, signal, onEnded }: LoadContext): Promise<SavedModelServable> {
    const tags = this.#options.tags ?? DEFAULT_TAGS;
    const { metaGraph, graph } = await readMetaGraphWithGraph(this.path, tags);
    await checkVariables(this.path, metaGraph);
    signal.throwIfAborted();
    const runtime = await this.#options.runtime();
    const fileBytes = await estimateFileBytes(this.path);
    signal.throwIfAborted();
    const { warmup } = this.#options;
    let servable: SavedModelServable | undefined;
    const warmUpAgain = async (again: Session): Promise<void> => {
      const target = servable?.inSession(again);
      if (target) await observedWarmUp(this.path, { id, servable: target, signal: NEVER }, warmup || undefined);
    };
    const session = await runtime.load(this.path, tags, this.#options.session ?? {}, {
      id,
      signal,
      hasSmallKernels: hasSmallKernels(graph, metaGraph.signatureDefs, fileBytes),
      ...(onEnded && { onEnded }),
      ...(warmup !== false && { warmUpAgain }),
    });
    return ownSession(session, signal, async () => {
      servable = new SavedModelServable(session, metaGraph.signatureDefs, {
        ...this.#options,
        graph,
        model: id.name,
        engine: session.engine ?? runtime.name,
      });
      if (warmup !== false) await observedWarmUp(this.path, { id, servable, signal }, warmup);
      this.#options.signatureNames?.record(id, metaGraph.signatureDefs);
      return servable;
    });
  }
}
