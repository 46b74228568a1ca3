/**
 * A client of the Open Inference Protocol over HTTP, for Node and browsers: {@link OpenInferenceClient}. It works with this project's server, and with
 * those of Triton, KServe and MLServer.
 *
 * @module @serving/open-inference/client
 */
export type { BatchStatistics, ModelStatistics } from '../models/model-statistics.js';
export type { StatisticDuration } from '../models/version-statistics.js';
export type {
  ClientInferRequest,
  ClientInferResponse,
  ModelDescription,
  RepositoryModel,
  ServerDescription,
  TensorDescription,
} from './client-messages.js';
export {
  type ClientCallOptions,
  type ModelVersion,
  OpenInferenceClient,
  type OpenInferenceClientOptions,
} from './open-inference-client.js';
export { OpenInferenceError } from './open-inference-error.js';
