/** A loader that counts what happens to it (TensorFlow Serving's `core/test_util/fake_loader.h`). */
import { ServingError } from '@serving/core';
import type { LoadContext, Loader } from '@serving/core/extend';

/**
 * Loads at once what it was made with, unless a hook waits or throws. Calls must come in the order that
 * {@link Loader} promises: others fail with `INTERNAL`.
 *
 * @example
 * ```ts
 * const loader = new FakeLoader(servable);
 * loader.onLoad = (attempt) => {
 *   if (attempt < 3) throw new ServingError('UNAVAILABLE', 'not yet');
 * };
 * ```
 */
export class FakeLoader implements Loader {
  readonly servable: unknown;
  /** Attempts to load, failed ones too. */
  loads = 0;
  unloads = 0;
  isLoaded = false;
  /** What it estimates. */
  ramBytes = 0;
  /** Called in each load, with the number of the attempt from 1. Throws, rejects or waits. */
  onLoad: (attempt: number, context: LoadContext) => Promise<void> | void = () => {};
  /** Called in each unload. Throws, rejects or waits. */
  onUnload: () => Promise<void> | void = () => {};

  constructor(servable: unknown) {
    this.servable = servable;
  }

  async estimateResources(): Promise<{ readonly ramBytes: number }> {
    return { ramBytes: this.ramBytes };
  }

  async load(context: LoadContext): Promise<void> {
    if (this.isLoaded || this.unloads > 0) throw outOfTurn('load');
    this.loads++;
    await this.onLoad(this.loads, context);
    this.isLoaded = true;
  }

  getServable(): unknown {
    if (!this.isLoaded) throw outOfTurn('getServable');
    return this.servable;
  }

  async unload(): Promise<void> {
    if (!this.isLoaded) throw outOfTurn('unload');
    this.unloads++;
    this.isLoaded = false;
    await this.onUnload();
  }
}

function outOfTurn(method: string): ServingError {
  return new ServingError('INTERNAL', `${method} was called out of turn`);
}
