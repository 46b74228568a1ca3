/**
 * TensorFlow Serving's REST API as a Fastify plugin: {@link servingPlugin}.
 *
 * @module @serving/fastify
 */
export { type DrainOptions, drain } from '@serving/http';
export { type ServingPluginOptions, servingPlugin } from './serving-plugin.js';
