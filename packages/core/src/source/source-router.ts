/** Sends each servable stream to one of several targets (TensorFlow Serving's `core/source_router.h`). */
import type { ServableData } from '../servable/servable-data.js';
import type { AspiredVersionsCallback, Source, Target } from './source.js';

/**
 * One way in, `numOutputs` ways out. `route` picks the port of a stream, from 0; a port that doesn't exist drops the
 * wish. A wish for a port that isn't connected yet waits, the last per stream.
 */
export class SourceRouter<T> implements Target<T> {
  /** The ports, each a source to connect. */
  readonly outputs: readonly Source<T>[];
  readonly #ports: readonly Port<T>[];
  readonly #route: (streamName: string) => number;

  constructor(numOutputs: number, route: (streamName: string) => number) {
    this.#ports = Array.from({ length: numOutputs }, () => new Port<T>());
    this.outputs = this.#ports;
    this.#route = route;
  }

  getAspiredVersionsCallback(): AspiredVersionsCallback<T> {
    return (streamName, versions) => this.#ports[this.#route(streamName)]?.wish(streamName, versions);
  }
}

class Port<T> implements Source<T> {
  readonly #waiting = new Map<string, readonly ServableData<T>[]>();
  #callback: AspiredVersionsCallback<T> | undefined;

  setAspiredVersionsCallback(callback: AspiredVersionsCallback<T>): void {
    this.#callback = callback;
    for (const [streamName, versions] of this.#waiting) callback(streamName, versions);
    this.#waiting.clear();
  }

  wish(streamName: string, versions: readonly ServableData<T>[]): void {
    if (this.#callback) this.#callback(streamName, versions);
    else this.#waiting.set(streamName, versions);
  }
}
