/**
 * For authors of adapters and extensions: {@link FrameworkHandler} and {@link HttpHandler} are what adapters are made of,
 * {@link HttpExtension} is what a module of an extension constructs.
 *
 * @module @serving/http/adapter
 */

export { type CreateHttpExtension, HttpHandler, type MatchedRoute } from './http-handler.js';
export { type BodyBytes, type HttpRequest, type HttpResponse, wholeOf } from './http-message.js';
export { type FrameworkExchange, FrameworkHandler } from './node/framework-handler.js';
export type { RequestCounter } from './rest/request-counts.js';
export type {
  CorsHeaders,
  HttpExtension,
  HttpExtensionContext,
  HttpRoute,
  SlicedWorkCaller,
} from './routing/http-extension.js';
