/** Sends each servable stream to one of several targets (TensorFlow Serving's `core/source_router.h`). */
import type { ServableData } from '../servable/servable-data.js';
import { ServingError } from '../serving-error.js';
import type { AspiredVersionsCallback, Source, Target } from './source.js';

/** The port that drops a stream silently. */
export const DROP_PORT = -1;

/**
 * One input, `numOutputs` outputs. For each set of aspired versions, `route` returns the number of an output, from 0.
 * {@link DROP_PORT} drops the set. A number without an output drops it too, and calls `onError`. An output that is not
 * connected yet keeps the latest set of each stream.
 */
export class SourceRouter<T> implements Target<T> {
  /** The ports, each a source to connect. */
  readonly outputs: readonly Source<T>[];
  readonly #ports: readonly Port<T>[];
  readonly #route: (streamName: string, versions: readonly ServableData<T>[]) => number;
  readonly #onError: (error: ServingError) => void;

  constructor(
    numOutputs: number,
    route: (streamName: string, versions: readonly ServableData<T>[]) => number,
    onError: (error: ServingError) => void = () => {},
  ) {
    this.#ports = Array.from({ length: numOutputs }, () => new Port<T>());
    this.outputs = this.#ports;
    this.#route = route;
    this.#onError = onError;
  }

  getAspiredVersionsCallback(): AspiredVersionsCallback<T> {
    return (streamName, versions) => {
      const number = this.#route(streamName, versions);
      if (number === DROP_PORT) return;
      const port = this.#ports[number];
      if (port) port.emit(streamName, versions);
      else this.#onError(this.#noSuchPort(streamName, number));
    };
  }

  #noSuchPort(streamName: string, port: number): ServingError {
    return new ServingError(
      'INTERNAL',
      `Servable stream ${streamName} was routed to port ${port}; expected ${DROP_PORT} to ${this.#ports.length - 1}`,
    );
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

  emit(streamName: string, versions: readonly ServableData<T>[]): void {
    if (this.#callback) this.#callback(streamName, versions);
    else this.#waiting.set(streamName, versions);
  }
}
