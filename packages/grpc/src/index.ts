/**
 * TensorFlow Serving's gRPC APIs: {@link addServingServices} puts them on the application's own server of `@grpc/grpc-js`, {@link GrpcServer} makes one.
 *
 * @module @serving/grpc
 */
export { addServingServices, type ServingServices, type ServingServicesOptions } from './add-serving-services.js';
export { type CompressedMessageLimits, limitCompressedMessages } from './compressed-message-limit.js';
export type { GrpcConnectionOptions } from './connection-options.js';
export type { GrpcModelServer } from './grpc-model-server.js';
export { type GrpcCloseOptions, GrpcServer, type GrpcServerOptions } from './grpc-server.js';
export type { MetricReader } from './model-service-impl.js';
export type { TensorContentRule } from './predict-method.js';
export { serverCredentials } from './server-credentials.js';
