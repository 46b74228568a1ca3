/**
 * TensorFlow Serving's REST API as an Express router: {@link servingRouter}.
 *
 * @module @serving/express
 */
export { servingRouter } from './serving-router.js';
