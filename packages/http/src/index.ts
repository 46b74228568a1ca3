/**
 * TensorFlow Serving's REST API without a framework: {@link createNodeHandler} for `node:http`, {@link createFetchHandler} for fetch,
 * {@link RestServer} as a server of its own. Authors of adapters and extensions find their part in `@serving/http/adapter`.
 *
 * @module @serving/http
 */

export { createFetchHandler } from './fetch/fetch-handler.js';
export { type DrainableListener, type DrainableModelServer, type DrainOptions, drain } from './node/drain.js';
export { createNodeHandler, type NodeHandler } from './node/node-handler.js';
export { RestServer } from './node/rest-server.js';
export type { RestServerOptions, RestTlsOptions } from './node/rest-server-options.js';
export { createHealthHandler, type HealthHandlerOptions } from './operations/health-handler.js';
export type { HealthSource } from './operations/health-report.js';
export type { MetricsPage } from './operations/metrics-page.js';
export type { HttpRestApiOptions } from './rest/http-rest-api-options.js';
export type { RestModelServer } from './rest/rest-model-server.js';
export { attachListener, attachModelServer } from './threads/attached-application.js';
export { type ServeInThreadsOptions, serveInThreads, type ThreadedApplication } from './threads/serve-in-threads.js';
