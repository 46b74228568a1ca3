/** The services as grpc-js wants them described. Messages are bytes on both sides. */
import type { MethodDefinition, ServiceDefinition } from '@grpc/grpc-js';
import { decodeMessage, encodeMessage, type Messages } from '@serving/protos/messages';

type UnaryDefinition = MethodDefinition<Uint8Array, Uint8Array>;

/** `tensorflow.serving.PredictionService`. */
export const predictionServiceDefinition: ServiceDefinition = unaryService('tensorflow.serving.PredictionService', [
  'Classify',
  'Regress',
  'Predict',
  'MultiInference',
  'GetModelMetadata',
]);

/** `tensorflow.serving.ModelService`. */
export const modelServiceDefinition: ServiceDefinition = unaryService('tensorflow.serving.ModelService', [
  'GetModelStatus',
  'HandleReloadConfigRequest',
]);

/** `tensorflow.serving.SessionService`. */
export const sessionServiceDefinition: ServiceDefinition = unaryService('tensorflow.serving.SessionService', [
  'SessionRun',
]);

/** One method whose messages are plain objects. */
export function messageMethod<Request extends keyof Messages, Response extends keyof Messages>(
  path: string,
  request: Request,
  response: Response,
  streams: { readonly request?: boolean; readonly response?: boolean } = {},
): MethodDefinition<Messages[Request], Messages[Response]> {
  return {
    path,
    requestStream: streams.request ?? false,
    responseStream: streams.response ?? false,
    requestSerialize: (message) => toBuffer(encodeMessage(request, message)),
    requestDeserialize: (bytes) => decodeMessage(request, bytes),
    responseSerialize: (message) => toBuffer(encodeMessage(response, message)),
    responseDeserialize: (bytes) => decodeMessage(response, bytes),
  };
}

/** A service of methods whose messages are bytes. */
export function unaryService(name: string, methods: readonly string[]): ServiceDefinition {
  return Object.fromEntries(methods.map((method) => [method, bytesMethod(`/${name}/${method}`)]));
}

function bytesMethod(path: string): UnaryDefinition {
  return {
    path,
    requestStream: false,
    responseStream: false,
    requestSerialize: toBuffer,
    requestDeserialize: (bytes) => bytes,
    responseSerialize: toBuffer,
    responseDeserialize: (bytes) => bytes,
  };
}

/** grpc-js takes nothing else; no copy. */
function toBuffer(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
