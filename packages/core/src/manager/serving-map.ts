/** The versions that can be had right now, and the count of the handles to each. */
import { isInferenceServable } from '../servable/inference-servable.js';
import type { ServableHandle } from '../servable/servable-handle.js';
import { formatServableId, type ServableId } from '../servable/servable-id.js';
import { formatServableRequest, type ServableRequest } from '../servable/servable-request.js';
import { toVersion, type Version } from '../servable/version.js';
import { ServingError } from '../serving-error.js';

/**
 * A look-up costs two `Map` look-ups and one small object. A version that is taken out of the map is not found from
 * then on; the handles to it that were given out stay good, and only they are waited for.
 */
export class ServingMap {
  readonly #streams = new Map<string, Stream>();

  add(id: ServableId, servable: unknown): void {
    const holding = new Holding(id, servable);
    const stream = this.#streams.get(id.name);
    if (!stream) {
      this.#streams.set(id.name, {
        versions: new Map([[id.version, holding]]),
        latest: holding,
        earliest: holding,
      });
      return;
    }
    if (stream.versions.has(id.version)) {
      throw new ServingError('INTERNAL', `${formatServableId(id)} is being served already`);
    }
    stream.versions.set(id.version, holding);
    findEnds(stream);
  }

  /** Takes a version out. Resolves when the last handle to it has been released. */
  remove(id: ServableId): Promise<void> {
    const stream = this.#streams.get(id.name);
    const holding = stream?.versions.get(id.version);
    if (!stream || !holding) {
      return Promise.reject(new ServingError('INTERNAL', `${formatServableId(id)} is not being served`));
    }
    stream.versions.delete(id.version);
    if (stream.versions.size === 0) this.#streams.delete(id.name);
    else findEnds(stream);
    return holding.released();
  }

  /** @throws ServingError `NOT_FOUND` with TensorFlow Serving's text. */
  getServableHandle(request: ServableRequest): CountedHandle<unknown> {
    const stream = this.#streams.get(request.name);
    if (stream) {
      const { version } = request;
      if (version === undefined) {
        return new CountedHandle(request.choice === 'earliest' ? stream.earliest : stream.latest);
      }
      const holding = stream.versions.get(typeof version === 'number' ? version : (toVersion(version) ?? version));
      if (holding) return new CountedHandle(holding);
    }
    throw new ServingError('NOT_FOUND', `Servable not found for request: ${formatServableRequest(request)}`);
  }

  /** How many handles to a version are held; 0 for one that isn't in the map. */
  countHandles({ name, version }: ServableId): number {
    return this.#streams.get(name)?.versions.get(toVersion(version) ?? version)?.handles ?? 0;
  }

  listAvailableServableIds(): ServableId[] {
    return [...this.#streams.values()].flatMap((stream) => [...stream.versions.values()].map(({ id }) => id));
  }
}

/**
 * One more hold on the version behind a handle that isn't released yet, for work that may outlast the handle.
 * `undefined` for a handle that didn't come from a serving map.
 */
export function holdAgain<T>(handle: ServableHandle<T>): ServableHandle<T> | undefined {
  return handle instanceof CountedHandle ? handle.holdAgain() : undefined;
}

interface Stream {
  readonly versions: Map<Version, Holding>;
  latest: Holding;
  earliest: Holding;
}

/** A stream in the map always has a version. */
function findEnds(stream: Stream): void {
  const holdings = [...stream.versions.values()];
  stream.latest = holdings.reduce((a, b) => (b.id.version > a.id.version ? b : a));
  stream.earliest = holdings.reduce((a, b) => (b.id.version < a.id.version ? b : a));
}

class Holding {
  readonly id: ServableId;
  readonly servable: unknown;
  readonly isInference: boolean;
  handles = 0;
  #onReleased: (() => void) | undefined;

  constructor(id: ServableId, servable: unknown) {
    this.id = id;
    this.servable = servable;
    this.isInference = isInferenceServable(servable);
  }

  released(): Promise<void> {
    if (this.handles === 0) return Promise.resolve();
    return new Promise((resolve) => {
      this.#onReleased = resolve;
    });
  }

  releaseOne(): void {
    this.handles -= 1;
    if (this.handles === 0) this.#onReleased?.();
  }
}

/** A handle of a serving map. */
export class CountedHandle<T> implements ServableHandle<T> {
  readonly id: ServableId;
  readonly servable: T;
  // No `#` field, which takes as long to define as the rest of the object.
  private holding: Holding | undefined;

  constructor(holding: Holding) {
    this.id = holding.id;
    this.servable = holding.servable as T;
    this.holding = holding;
    holding.handles += 1;
  }

  /** Whether the servable is an `InferenceServable`, as found when its version became available. */
  get isInference(): boolean {
    return this.holding?.isInference ?? false;
  }

  release(): void {
    const { holding } = this;
    if (!holding) return;
    this.holding = undefined;
    holding.releaseOne();
  }

  [Symbol.dispose](): void {
    this.release();
  }

  holdAgain(): CountedHandle<T> {
    if (!this.holding) {
      throw new ServingError('INTERNAL', `A handle to ${formatServableId(this.id)} was used after its release`);
    }
    return new CountedHandle<T>(this.holding);
  }
}
