/**
 * A client of the Open Inference Protocol over gRPC, for Node: {@link OpenInferenceGrpcClient}. It has the methods of the client over HTTP, and
 * needs no other package of gRPC.
 *
 * @module @serving/open-inference/client-grpc
 */
export type { GrpcChannelOptions } from './grpc-channel.js';
export { OpenInferenceGrpcClient, type OpenInferenceGrpcClientOptions } from './open-inference-grpc-client.js';
