/** The REST API as a fetch handler: `Request` in, `Response` out. For Hono, Bun, Deno and other hosts of fetch handlers. */

import { HttpHandler, type MatchedRoute } from '../http-handler.js';
import type { BodyBytes, HttpRequest, HttpResponse } from '../http-message.js';
import { checkRestApi, type HttpRestApiOptions } from '../rest/http-rest-api-options.js';
import type { RestModelServer } from '../rest/rest-model-server.js';

/**
 * Makes the handler. It answers every request, never rejects, and takes its path from the request's URL.
 *
 * @example
 * ```ts
 * const app = new Hono();
 * app.all('/v1/*', (c) => serve(c.req.raw)); // const serve = createFetchHandler(server)
 * ```
 */
export function createFetchHandler(
  server: RestModelServer,
  options: HttpRestApiOptions = {},
): (request: Request) => Promise<Response> {
  checkRestApi(server, options, {});
  const handler = new HttpHandler(server, options);
  return async (request) => {
    const { method, url } = request;
    const target = url.slice(url.indexOf('/', url.indexOf('//') + 2));
    const route = handler.match(method, target) ?? handler.fallback(method, target);
    const answered = await (route.takesBody
      ? answerWithBody(handler, route, request, target)
      : handler.handle(route, toHttpRequest(request, target)));
    const { stream } = answered;
    return new Response(stream ? ReadableStream.from(stream) : (answered.body as Uint8Array<ArrayBuffer>), {
      status: answered.status,
      headers: answered.headers,
    });
  };
}

async function answerWithBody(
  handler: HttpHandler,
  route: MatchedRoute,
  request: Request,
  target: string,
): Promise<HttpResponse> {
  let body: BodyBytes | undefined | 'too-large';
  try {
    body = await readBody(request, route.maxBodyBytes);
  } catch (reason) {
    return handler.bodyUnreadable(reason);
  }
  return body === 'too-large'
    ? handler.bodyTooLarge(route)
    : handler.handle(route, toHttpRequest(request, target, body));
}

function toHttpRequest(request: Request, target: string, body?: BodyBytes): HttpRequest {
  const { method, headers, signal } = request;
  return { method, target, body, signal, header: (name) => headers.get(name) ?? undefined };
}

async function readBody(request: Request, limit: number): Promise<BodyBytes | undefined | 'too-large'> {
  if (Number(request.headers.get('content-length') ?? 0) > limit) return 'too-large';
  if (!request.body) return undefined;
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of request.body) {
    length += chunk.length;
    if (length > limit) return 'too-large'; // leaving the loop cancels the stream
    chunks.push(chunk);
  }
  return chunks;
}
