/**
 * TensorFlow Serving's REST API as an Express router: {@link servingRouter}.
 *
 * @module @serving/express
 */
export { type DrainOptions, drain } from '@serving/http';
export { servingRouter } from './serving-router.js';
