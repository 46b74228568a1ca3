/**
 * A client of the Open Inference Protocol over HTTP, for Node and browsers: {@link OpenInferenceClient}. It works with this project's server, and with
 * those of Triton, KServe and MLServer.
 *
 * @module @serving/open-inference/client
 */
export type { BatchStatistics, ModelStatistics } from '../models/statistics-answer.js';
export type { StatisticDuration } from '../models/version-statistics.js';
export type {
  ClientCallOptions,
  ClientInferRequest,
  ClientInferResponse,
  InferenceClient,
  ModelDescription,
  ModelVersion,
  RepositoryModel,
  ServerDescription,
  TensorDescription,
} from './client-messages.js';
export { OpenInferenceClient, type OpenInferenceClientOptions } from './open-inference-client.js';
export { OpenInferenceError } from './open-inference-error.js';
export type { RetryOptions } from './retries.js';
