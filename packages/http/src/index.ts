/**
 * TensorFlow Serving's REST API without a framework: {@link createNodeHandler} for `node:http`, {@link createFetchHandler} for whatever speaks fetch,
 * {@link RestServer} as a server of its own. {@link FrameworkHandler} and {@link HttpRestApiHandler} are what adapters are made of.
 *
 * @module @serving/http
 */
export { type DrainableListener, type DrainableModelServer, type DrainOptions, drain } from './drain.js';
export { createFetchHandler } from './fetch-handler.js';
// For authors of adapters.
export { type FrameworkExchange, FrameworkHandler } from './framework-handler.js';
export { createHealthHandler, type HealthHandlerOptions } from './health-handler.js';
export type { HealthSource } from './health-report.js';
export type { BodyBytes, HttpRequest, HttpResponse } from './http-message.js';
export { HttpRestApiHandler } from './http-rest-api-handler.js';
export type { HttpRestApiOptions } from './http-rest-api-options.js';
export type { MetricsPage } from './metrics-page.js';
export { createNodeHandler, type NodeHandler } from './node-handler.js';
export type { RestModelServer } from './rest-model-server.js';
export { RestServer, type RestServerOptions, type RestTlsOptions } from './rest-server.js';
