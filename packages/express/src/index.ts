/** `@serving/express`: TensorFlow Serving's REST API as an Express router. */
export { servingRouter } from './serving-router.js';
