/**
 * `@serving/express`: TensorFlow Serving's REST API as an Express router.
 *
 * @module @serving/express
 */
export { servingRouter } from './serving-router.js';
