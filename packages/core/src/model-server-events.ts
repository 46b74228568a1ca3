/** What a model server tells those who listen. */
import type { ServableState } from './servable/servable-state.js';
import type { ServingError } from './serving-error.js';

/** Events by name. Of one version they come in the order of its {@link ServableState}s. */
export interface ModelServerEvents {
  'servable:start': ServableState;
  'servable:loading': ServableState;
  'servable:available': ServableState;
  'servable:unloading': ServableState;
  'servable:end': ServableState;
  /** What went wrong outside of any request and any version: an unreadable base path, a subscriber that threw. Told when it is new. */
  error: ServingError;
}
