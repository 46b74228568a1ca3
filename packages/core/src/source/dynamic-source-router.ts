/** Routes by name, as told for the time being (TensorFlow Serving's `core/dynamic_source_router.h`). */
import { ServingError } from '../serving-error.js';
import { SourceRouter } from './source-router.js';

/** Stream name → port. The last port is for names that are not listed, and no route may lead to it. */
export type Routes = ReadonlyMap<string, number>;

/** A wish takes the route that holds when it is made; wishes that went by an old route are not made again. */
export class DynamicSourceRouter<T> extends SourceRouter<T> {
  readonly #table: { routes: Routes };

  /** @throws ServingError as {@link updateRoutes}. */
  constructor(numOutputs: number, routes: Routes = new Map()) {
    // The base class asks for routes before `this` may be used.
    const table = { routes: new Map<string, number>() as Routes };
    super(numOutputs, (name) => table.routes.get(name) ?? numOutputs - 1);
    this.#table = table;
    this.updateRoutes(routes);
  }

  /** The routes that hold now. */
  get routes(): Routes {
    return this.#table.routes;
  }

  /**
   * Replaces all routes.
   *
   * @throws ServingError `INVALID_ARGUMENT` for a port that is not there or is the last; the old routes stay.
   */
  updateRoutes(routes: Routes): void {
    const last = this.outputs.length - 1;
    for (const [name, port] of routes) {
      if (Number.isInteger(port) && port >= 0 && port < last) continue;
      const expected = last > 0 ? `0 to ${last - 1}` : 'none, as there is only the port for unlisted names';
      throw new ServingError(
        'INVALID_ARGUMENT',
        `Route of servable stream ${name}: port ${port}; expected ${expected}`,
      );
    }
    this.#table.routes = new Map(routes);
  }
}
