/**
 * TensorFlow Serving's REST API as a Koa middleware: {@link servingMiddleware}.
 *
 * @module @serving/koa
 */
export { type DrainOptions, drain } from '@serving/http';
export { servingMiddleware } from './serving-middleware.js';
