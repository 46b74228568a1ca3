/** A loader from functions (TensorFlow Serving's `core/simple_loader.h`). */
import { ServingError } from '../serving-error.js';
import type { LoadContext, Loader, ResourceEstimate } from './loader.js';

/** How one version of a servable is loaded and unloaded. */
export interface SimpleLoaderOptions<S> {
  /** Makes the servable. A rejection is a failed attempt, after which it may be called again. */
  load(context: LoadContext): Promise<S> | S;
  /** Frees what the servable holds. Default: garbage collection does. */
  unload?(servable: S): Promise<void> | void;
  /** Default: nothing worth counting. */
  estimateResources?(): Promise<ResourceEstimate> | ResourceEstimate;
}

/**
 * @example
 * ```ts
 * const loader = simpleLoader({ load: async () => new Map(JSON.parse(await readFile(path, 'utf8'))) });
 * ```
 */
export function simpleLoader<S>(options: SimpleLoaderOptions<S>): Loader {
  return new SimpleLoader(options);
}

class SimpleLoader<S> implements Loader {
  readonly #options: SimpleLoaderOptions<S>;
  #loaded: { readonly servable: S } | undefined;

  constructor(options: SimpleLoaderOptions<S>) {
    this.#options = options;
  }

  async estimateResources(): Promise<ResourceEstimate> {
    return (await this.#options.estimateResources?.()) ?? { ramBytes: 0 };
  }

  async load(context: LoadContext): Promise<void> {
    this.#loaded = { servable: await this.#options.load(context) };
  }

  getServable(): S {
    return this.#take().servable;
  }

  async unload(): Promise<void> {
    const { servable } = this.#take();
    this.#loaded = undefined;
    await this.#options.unload?.(servable);
  }

  #take(): { readonly servable: S } {
    if (!this.#loaded) throw new ServingError('FAILED_PRECONDITION', 'The loader has nothing loaded');
    return this.#loaded;
  }
}
