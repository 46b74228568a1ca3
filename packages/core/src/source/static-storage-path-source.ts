/** Wishes once for what it was made with (TensorFlow Serving's `core/static_storage_path_source.h`). */
import type { ServableData } from '../servable/servable-data.js';
import type { ServableId } from '../servable/servable-id.js';
import type { AspiredVersionsCallback, Source } from './source.js';
import type { StoragePath } from './storage-path.js';

/** A version and where it lies. */
export interface StaticStoragePath {
  readonly id: ServableId;
  readonly path: StoragePath;
}

/** The wishes, one per servable name with all its versions, are made when the callback is set, and never again. */
export class StaticStoragePathSource implements Source<StoragePath> {
  readonly #wishes = new Map<string, ServableData<StoragePath>[]>();

  constructor(versions: readonly StaticStoragePath[]) {
    for (const { id, path } of versions) {
      const wish = this.#wishes.get(id.name) ?? [];
      wish.push({ id, data: path });
      this.#wishes.set(id.name, wish);
    }
  }

  setAspiredVersionsCallback(callback: AspiredVersionsCallback<StoragePath>): void {
    for (const [streamName, versions] of this.#wishes) callback(streamName, versions);
  }
}
