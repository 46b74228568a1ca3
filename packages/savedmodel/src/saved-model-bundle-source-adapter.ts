/** Storage paths → loaders of SavedModels (TensorFlow Serving's `saved_model_bundle_source_adapter.h`). */
import { type Loader, type StoragePath, UnarySourceAdapter } from '@serving/core';
import { SavedModelLoader, type SavedModelLoaderOptions } from './saved-model-loader.js';

/** Every path becomes a {@link SavedModelLoader}; nothing is read before its load. */
export class SavedModelBundleSourceAdapter extends UnarySourceAdapter<StoragePath, Loader> {
  constructor(options: SavedModelLoaderOptions) {
    super((directory) => new SavedModelLoader(directory, options));
  }
}
