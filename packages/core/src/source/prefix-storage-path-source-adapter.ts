/** Puts a prefix in front of every storage path (TensorFlow Serving's `core/prefix_storage_path_source_adapter.h`). */
import { UnarySourceAdapter } from './source-adapter.js';
import type { StoragePath } from './storage-path.js';

/** Joins with one slash between, also when the path starts with one. An empty prefix changes nothing. */
export class PrefixStoragePathSourceAdapter extends UnarySourceAdapter<StoragePath, StoragePath> {
  constructor(prefix: StoragePath) {
    super((path) => (prefix === '' ? path : `${prefix.replace(/\/+$/, '')}/${path.replace(/^\/+/, '')}`));
  }
}
