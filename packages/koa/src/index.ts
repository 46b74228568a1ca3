/**
 * TensorFlow Serving's REST API as a Koa middleware: {@link servingMiddleware}.
 *
 * @module @serving/koa
 */
export { servingMiddleware } from './serving-middleware.js';
