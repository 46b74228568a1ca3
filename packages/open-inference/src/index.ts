/**
 * The Open Inference Protocol (KServe v2) beside TensorFlow Serving's APIs: {@link openInference} is an extension of both the REST API
 * and the gRPC services.
 *
 * @module @serving/open-inference
 */
import type { ExtensionModule } from '@serving/core/extend';
import { checkOpenInferenceOptions, type OpenInferenceOptions } from './options.js';

export type { OpenInferenceOptions } from './options.js';

/**
 * The extension, for the option `extensions` of a router, a handler, a server or `addServingServices`.
 *
 * @example
 * ```ts
 * app.use(servingRouter(server, { extensions: [openInference()] })); // POST /v2/models/digits/infer
 * ```
 * @throws ServingError `INVALID_ARGUMENT` for unknown options.
 */
export function openInference(options: OpenInferenceOptions = {}): ExtensionModule {
  checkOpenInferenceOptions(options);
  // Beside the sources too, as Node runs the module, and not a bundler or a test runner.
  return { module: new URL('../dist/extension.js', import.meta.url), options };
}
