/** `@serving/koa`: TensorFlow Serving's REST API as a Koa middleware. */
export { servingMiddleware } from './serving-middleware.js';
