/** Gives access to loaded servables (TensorFlow Serving's `core/manager.h`). */
import type { ServableHandle } from '../servable/servable-handle.js';
import type { ServableId } from '../servable/servable-id.js';
import type { ServableRequest } from '../servable/servable-request.js';

/** The part of a manager that returns servables. */
export interface Manager {
  /**
   * A handle, to be released by the caller.
   *
   * @throws ServingError `NOT_FOUND` "Servable not found for request: …" when no such version is available.
   */
  getServableHandle(request: ServableRequest): ServableHandle;
  /** What can be had right now. */
  listAvailableServableIds(): ServableId[];
}
