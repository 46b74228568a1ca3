/** `@serving/fastify`: TensorFlow Serving's REST API as a Fastify plugin. */
export { type ServingPluginOptions, servingPlugin } from './serving-plugin.js';
