/**
 * TensorFlow Serving's REST API as a Fastify plugin: {@link servingPlugin}.
 *
 * @module @serving/fastify
 */
export { type ServingPluginOptions, servingPlugin } from './serving-plugin.js';
