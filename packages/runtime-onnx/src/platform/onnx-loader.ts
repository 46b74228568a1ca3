/** Loads and unloads one version of an ONNX model. */
import type { ServableId } from '@serving/core';
import type { InferenceServable, LoadContext, ResourceEstimate, StoragePath } from '@serving/core/extend';
import { estimateFileBytes, FolderLoader, type LoadedFor, ownSession, type Session } from '@serving/engine';
import { modelSignature } from './model-signature.js';
import { OnnxServable } from './onnx-servable.js';
import { type OnnxModelFile, readOnnxModel } from './read-onnx-model.js';

/** A version that is warmed up. */
export interface OnnxWarmupTarget {
  readonly id: ServableId;
  readonly servable: InferenceServable;
  /** Aborted when the version is no longer wanted. */
  readonly signal: AbortSignal;
}

/** How a version is loaded. */
export interface OnnxLoaderOptions {
  /** Makes the session of a model that was read and checked. A rejection fails the load. */
  readonly loadModel: (directory: string, file: OnnxModelFile, loadedFor: LoadedFor) => Promise<Session>;
  /** Called at the end of a load; a rejection fails it. */
  readonly warmup?: ((directory: string, target: OnnxWarmupTarget) => Promise<unknown>) | undefined;
}

/** What is checked is what is loaded: the file is read once. */
export class OnnxLoader extends FolderLoader<OnnxServable> {
  readonly #options: OnnxLoaderOptions;

  constructor(directory: StoragePath, options: OnnxLoaderOptions) {
    super(directory);
    this.#options = options;
  }

  async estimateResources(): Promise<ResourceEstimate> {
    return { ramBytes: await estimateFileBytes(this.path) };
  }

  override get engine(): string {
    return 'onnx';
  }

  protected async loadServable({ id, signal, onEnded }: LoadContext): Promise<OnnxServable> {
    const file = await readOnnxModel(this.path);
    signal.throwIfAborted();
    const { loadModel, warmup } = this.#options;
    const signature = modelSignature(file.graph);
    // A session that ends puts an end to its warm-up.
    const never = new AbortController().signal;
    const session = await loadModel(this.path, file, {
      id,
      signal,
      ...(onEnded && { onEnded }),
      ...(warmup && {
        warmUpAgain: (again) => warmup(this.path, { id, servable: new OnnxServable(again, signature), signal: never }),
      }),
    });
    return ownSession(session, signal, async () => {
      const servable = new OnnxServable(session, signature);
      await warmup?.(this.path, { id, servable, signal });
      return servable;
    });
  }
}
