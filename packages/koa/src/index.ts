/**
 * `@serving/koa`: TensorFlow Serving's REST API as a Koa middleware.
 *
 * @module @serving/koa
 */
export { servingMiddleware } from './serving-middleware.js';
