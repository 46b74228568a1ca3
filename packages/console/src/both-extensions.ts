/** Two extensions at one mount point. */
import type { HttpExtension, HttpRequest, HttpResponse, HttpRoute } from '@serving/http/adapter';

/** A route, and whose it is. */
interface OwnedRoute extends HttpRoute {
  readonly owner: HttpExtension;
  readonly route: HttpRoute;
}

/** The first that has a route answers. */
export class BothExtensions implements HttpExtension<OwnedRoute> {
  readonly paths: readonly string[];
  readonly #extensions: readonly HttpExtension[];

  constructor(...extensions: readonly HttpExtension[]) {
    this.paths = extensions.flatMap(({ paths }) => paths);
    this.#extensions = extensions;
  }

  match(method: string, target: string): OwnedRoute | undefined {
    for (const owner of this.#extensions) {
      const route = owner.match(method, target);
      if (route !== undefined) return { ...route, owner, route };
    }
    return undefined;
  }

  handle({ owner, route }: OwnedRoute, request: HttpRequest): HttpResponse | Promise<HttpResponse> {
    return owner.handle(route, request);
  }

  drain(): void {
    for (const extension of this.#extensions) extension.drain?.();
  }
}
