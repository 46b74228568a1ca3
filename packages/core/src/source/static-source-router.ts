/** Routes by what a stream's name contains (TensorFlow Serving's `core/static_source_router.h`). */
import { SourceRouter } from './source-router.js';

/**
 * The first of the substrings that a stream's name contains picks the port, by its place in the list. A name that contains none goes to
 * the last port, one past the list.
 */
export class StaticSourceRouter<T> extends SourceRouter<T> {
  constructor(routeSubstrings: readonly string[]) {
    super(routeSubstrings.length + 1, (name) => {
      const port = routeSubstrings.findIndex((substring) => name.includes(substring));
      return port === -1 ? routeSubstrings.length : port;
    });
  }
}
