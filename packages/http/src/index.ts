/**
 * TensorFlow Serving's REST API without a framework: {@link createNodeHandler} for `node:http`, {@link createFetchHandler} for whatever speaks fetch,
 * {@link RestServer} as a server of its own. {@link FrameworkHandler} and {@link HttpRestApiHandler} are what adapters are made of.
 *
 * @module @serving/http
 */

export { createFetchHandler } from './fetch/fetch-handler.js';
export type { BodyBytes, HttpRequest, HttpResponse } from './http-message.js';
export { type DrainableListener, type DrainableModelServer, type DrainOptions, drain } from './node/drain.js';
// For authors of adapters.
export { type FrameworkExchange, FrameworkHandler } from './node/framework-handler.js';
export { createNodeHandler, type NodeHandler } from './node/node-handler.js';
export { RestServer, type RestServerOptions, type RestTlsOptions } from './node/rest-server.js';
export { createHealthHandler, type HealthHandlerOptions } from './operations/health-handler.js';
export type { HealthSource } from './operations/health-report.js';
export type { MetricsPage } from './operations/metrics-page.js';
export { HttpRestApiHandler } from './rest/http-rest-api-handler.js';
export type { HttpRestApiOptions } from './rest/http-rest-api-options.js';
export type { RestModelServer } from './rest/rest-model-server.js';
