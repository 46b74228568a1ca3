/** A handler as an adapter of a host without routes uses it. */
import { HttpHandler } from '../http-handler.js';
import type { HttpRequest, HttpResponse } from '../http-message.js';
import type { HttpRestApiOptions } from './http-rest-api-options.js';
import type { RestModelServer } from './rest-model-server.js';

export interface RestHandler {
  handle(request: HttpRequest): HttpResponse | Promise<HttpResponse>;
}

/** Matches each request and answers it. */
export function restHandler(server: RestModelServer, options?: HttpRestApiOptions): RestHandler {
  const handler = new HttpHandler(server, options);
  return {
    handle(request) {
      const { method, target } = request;
      return handler.handle(handler.match(method, target) ?? handler.fallback(method, target), request);
    },
  };
}
