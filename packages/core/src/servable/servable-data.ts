/** A servable id with a payload on its way through the chain of sources, or with the error that took its place. */
import type { ServingError } from '../serving-error.js';
import type { ServableId } from './servable-id.js';

/** One aspired version. Exactly one of `data` and `error` is there; a version with an `error` is managed, and fails with it. */
export type ServableData<T> = {
  readonly id: ServableId;
  /**
   * Which content of the version is meant, where the source has such a text. A version that has failed to load is tried again when
   * it is aspired with another revision; one that is loaded stays as it is.
   */
  readonly revision?: string;
} & ({ readonly data: T; readonly error?: undefined } | { readonly error: ServingError; readonly data?: undefined });
