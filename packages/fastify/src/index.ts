/**
 * `@serving/fastify`: TensorFlow Serving's REST API as a Fastify plugin.
 *
 * @module @serving/fastify
 */
export { type ServingPluginOptions, servingPlugin } from './serving-plugin.js';
