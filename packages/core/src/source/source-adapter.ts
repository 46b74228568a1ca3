/** Converts aspired versions of one type to another (TensorFlow Serving's `core/source_adapter.h`). */
import type { ServableData } from '../servable/servable-data.js';
import { ServingError } from '../serving-error.js';
import type { AspiredVersionsCallback, Source, Target } from './source.js';

/** A target for aspired versions with `In`, and a source of the same versions with `Out`. */
export interface SourceAdapter<In, Out> extends Target<In>, Source<Out> {}

/**
 * An adapter that converts item by item. An item with an error passes on with it; when `convert` throws, its item
 * becomes that error under the same id. The revision stays. Until its source side is connected, the adapter keeps the latest set of each stream.
 */
export class UnarySourceAdapter<In, Out> implements SourceAdapter<In, Out> {
  readonly #convert: (data: In, item: ServableData<In>) => Out;
  readonly #waiting = new Map<string, readonly ServableData<Out>[]>();
  #outgoing: AspiredVersionsCallback<Out> | undefined;

  constructor(convert: (data: In, item: ServableData<In>) => Out) {
    this.#convert = convert;
  }

  getAspiredVersionsCallback(): AspiredVersionsCallback<In> {
    return (streamName, versions) => {
      const adapted = versions.map((item) => this.#adapt(item));
      if (this.#outgoing) this.#outgoing(streamName, adapted);
      else this.#waiting.set(streamName, adapted);
    };
  }

  setAspiredVersionsCallback(callback: AspiredVersionsCallback<Out>): void {
    this.#outgoing = callback;
    for (const [streamName, versions] of this.#waiting) callback(streamName, versions);
    this.#waiting.clear();
  }

  #adapt(item: ServableData<In>): ServableData<Out> {
    if (item.error) return item;
    const { data, ...rest } = item;
    try {
      return { ...rest, data: this.#convert(data, item) };
    } catch (error) {
      return { ...rest, error: ServingError.from(error) };
    }
  }
}
