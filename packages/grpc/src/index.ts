/**
 * TensorFlow Serving's gRPC APIs: {@link addServingServices} puts them on the application's own server of `@grpc/grpc-js`, {@link GrpcServer} makes one.
 *
 * @module @serving/grpc
 */
export {
  addServingServices,
  type CreateGrpcExtension,
  type GrpcExtension,
  type GrpcExtensionCall,
  type GrpcExtensionContext,
  type GrpcExtensionMethod,
  type GrpcExtensionService,
  type ServingServices,
  type ServingServicesOptions,
} from './add-serving-services.js';
export type { GrpcModelServer } from './grpc-model-server.js';
export { type CompressedMessageLimits, limitCompressedMessages } from './server/compressed-message-limit.js';
export type { GrpcConnectionOptions } from './server/connection-options.js';
export { type GrpcCloseOptions, GrpcServer } from './server/grpc-server.js';
export type { GrpcServerOptions } from './server/grpc-server-options.js';
export { type GrpcTlsOptions, serverCredentials } from './server/server-credentials.js';
export type { TensorContentRule } from './services/predict-method.js';
export type { MetricReader, ReloadCompletion } from './services/reload-method.js';
