/** Loads one version of a model from its folder: what the loaders of all platforms with engines have in common. */
import { type ServableId, ServingError } from '@serving/core';
import type { LoadContext, Loader, ResourceEstimate, SharedServable, StoragePath } from '@serving/core/extend';
import type { Session } from './saved-model-runtime.js';

/** A servable that owns a session. */
export interface ClosableServable {
  /** The engine that runs it. */
  readonly engine?: string;
  /** Describes it for other threads; `undefined` where only this one can run it. */
  share(): SharedServable | undefined;
  /** Waits for runs in flight, then frees the model. */
  close(): Promise<void>;
}

/** A load error names model, version and folder, with the code and text of the reason. */
export abstract class FolderLoader<S extends ClosableServable> implements Loader {
  /** The version's folder. */
  readonly path: StoragePath;
  #servable: S | undefined;

  constructor(directory: StoragePath) {
    this.path = directory;
  }

  /** What the version will hold at most. */
  abstract estimateResources(): Promise<ResourceEstimate>;

  /** Loads and warms up; what it rejects with leaves nothing open. */
  protected abstract loadServable(context: LoadContext): Promise<S>;

  async load(context: LoadContext): Promise<void> {
    try {
      this.#servable = await this.loadServable(context);
    } catch (error) {
      throw ServingError.from(error).prefixed(`Loading ${versionText(context.id)} from ${this.path} failed: `);
    }
  }

  get engine(): string | undefined {
    return this.#servable?.engine;
  }

  getServable(): S {
    if (!this.#servable) throw new ServingError('FAILED_PRECONDITION', `${this.path} is not loaded`);
    return this.#servable;
  }

  share(): SharedServable | undefined {
    return this.getServable().share();
  }

  async unload(): Promise<void> {
    const servable = this.#servable;
    this.#servable = undefined;
    await servable?.close();
  }
}

/** Makes what owns `session`; closes the session when that fails, or when the version is no longer wanted. */
export async function ownSession<S>(session: Session, signal: AbortSignal, make: () => Promise<S>): Promise<S> {
  try {
    signal.throwIfAborted();
    return await make();
  } catch (error) {
    await session.close();
    throw error;
  }
}

function versionText({ name, version }: ServableId): string {
  return `model ${name} version ${version}`;
}
