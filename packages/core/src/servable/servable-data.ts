/** A servable id with a payload on its way through the chain of sources, or with the error that took its place. */
import type { ServingError } from '../serving-error.js';
import type { ServableId } from './servable-id.js';

export type ServableData<T> =
  | { readonly id: ServableId; readonly data: T; readonly error?: undefined }
  | { readonly id: ServableId; readonly error: ServingError; readonly data?: undefined };
