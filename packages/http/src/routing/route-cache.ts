/** Remembers where targets go, so that a client that asks the same thing again costs one look-up. */
import { type Route, routeRequest, type SidePaths } from './route.js';

/** Bounded: when full it starts anew, and long targets are never kept. */
export class RouteCache {
  readonly #paths: SidePaths;
  readonly #gets = new Map<string, Route>();
  readonly #posts = new Map<string, Route>();

  constructor(paths: SidePaths) {
    this.#paths = paths;
  }

  /** {@link routeRequest}, remembered. */
  route(method: string, target: string): Route {
    const cache = method === 'POST' ? this.#posts : method === 'GET' ? this.#gets : undefined;
    const known = cache?.get(target);
    if (known) return known;
    const route = routeRequest(method, target, this.#paths);
    if (cache && target.length <= MAX_TARGET_LENGTH) {
      if (cache.size >= MAX_TARGETS) cache.clear();
      cache.set(target, route);
    }
    return route;
  }
}

const MAX_TARGETS = 1024;
const MAX_TARGET_LENGTH = 512;
