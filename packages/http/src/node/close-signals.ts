/** Tells runs that their client has gone. */
import type { EventEmitter } from 'node:events';

/** A connection, or a stream of HTTP/2. */
export type Closeable = EventEmitter & { readonly destroyed: boolean };

/** One signal per connection, shared by all of its requests: making one costs as much as a small run. */
export class CloseSignals {
  readonly #signals = new WeakMap<Closeable, AbortSignal>();

  /** Aborted when the connection closes, or when it has closed already. */
  of(closeable: Closeable): AbortSignal {
    const known = this.#signals.get(closeable);
    if (known) return known;
    const controller = new AbortController();
    if (closeable.destroyed) controller.abort();
    else closeable.once('close', () => controller.abort());
    this.#signals.set(closeable, controller.signal);
    return controller.signal;
  }
}
