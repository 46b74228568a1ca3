/** A client of grpc-js for the services, with messages as plain objects. */
import {
  type CallOptions,
  ChannelCredentials,
  type ChannelOptions,
  Client,
  logVerbosity,
  Metadata,
  setLogVerbosity,
} from '@grpc/grpc-js';
import type { NamedTensors } from '@serving/core/tensor';
import type { ModelSpecMessage } from '@serving/protos/messages';
import {
  decodeMessage,
  decodePredictResponseMessage,
  encodeMessage,
  encodePredictRequestMessage,
  type Messages,
} from '@serving/protos/messages';
import type { TensorProtoEncoding } from '@serving/protos/tensor';

export interface PredictCall extends TensorProtoEncoding {
  readonly modelSpec: Partial<ModelSpecMessage>;
  readonly inputs: NamedTensors;
  readonly outputFilter?: string[];
}

// It prints what it also reports.
setLogVerbosity(logVerbosity.NONE);

const serving = 'tensorflow.serving' as const;

export class GrpcClient {
  readonly #client: Client;

  constructor(
    address: string,
    credentials: ChannelCredentials = ChannelCredentials.createInsecure(),
    options: ChannelOptions = {},
  ) {
    const limits = { 'grpc.max_receive_message_length': -1, 'grpc.max_send_message_length': -1 };
    this.#client = new Client(address, credentials, { ...limits, ...options });
  }

  /** Rejects with grpc-js's error, which has `code` and `details`. */
  async predict(call: PredictCall, options?: CallOptions): Promise<{ modelSpec: unknown; outputs: NamedTensors }> {
    const { modelSpec: spec, inputs, outputFilter, ...encoding } = call;
    const modelSpec = { name: '', signatureName: '', ...spec };
    const request = encodePredictRequestMessage({ modelSpec, inputs, ...(outputFilter && { outputFilter }) }, encoding);
    const { modelSpec: answered, outputs } = decodePredictResponseMessage(
      await this.call(paths.predict, request, options),
    );
    const tensors: NamedTensors = Object.create(null);
    for (const alias of Object.keys(outputs)) tensors[alias] = outputs[alias]!.toTensor(alias);
    return { modelSpec: answered, outputs: tensors };
  }

  classify(request: Messages[`${typeof serving}.ClassificationRequest`]) {
    return this.#messages(
      paths.classify,
      `${serving}.ClassificationRequest`,
      request,
      `${serving}.ClassificationResponse`,
    );
  }

  regress(request: Messages[`${typeof serving}.RegressionRequest`]) {
    return this.#messages(paths.regress, `${serving}.RegressionRequest`, request, `${serving}.RegressionResponse`);
  }

  multiInference(request: Messages[`${typeof serving}.MultiInferenceRequest`]) {
    return this.#messages(
      paths.multiInference,
      `${serving}.MultiInferenceRequest`,
      request,
      `${serving}.MultiInferenceResponse`,
    );
  }

  getModelMetadata(request: Messages[`${typeof serving}.GetModelMetadataRequest`]) {
    return this.#messages(
      paths.getModelMetadata,
      `${serving}.GetModelMetadataRequest`,
      request,
      `${serving}.GetModelMetadataResponse`,
    );
  }

  getModelStatus(request: Messages[`${typeof serving}.GetModelStatusRequest`]) {
    return this.#messages(
      paths.getModelStatus,
      `${serving}.GetModelStatusRequest`,
      request,
      `${serving}.GetModelStatusResponse`,
    );
  }

  reload(request: Messages[`${typeof serving}.ReloadConfigRequest`]) {
    return this.#messages(paths.reload, `${serving}.ReloadConfigRequest`, request, `${serving}.ReloadConfigResponse`);
  }

  sessionRun(request: Messages[`${typeof serving}.SessionRunRequest`]) {
    return this.#messages(paths.sessionRun, `${serving}.SessionRunRequest`, request, `${serving}.SessionRunResponse`);
  }

  checkHealth(service: string): Promise<Messages['grpc.health.v1.HealthCheckResponse']> {
    return this.#messages(
      '/grpc.health.v1.Health/Check',
      'grpc.health.v1.HealthCheckRequest',
      { service },
      'grpc.health.v1.HealthCheckResponse',
    );
  }

  async listHealth(): Promise<Messages['grpc.health.v1.HealthListResponse']['statuses']> {
    const { statuses } = await this.#messages(
      '/grpc.health.v1.Health/List',
      'grpc.health.v1.HealthListRequest',
      {},
      'grpc.health.v1.HealthListResponse',
    );
    return statuses;
  }

  /** Statuses as they come, until the stream ends or is cancelled. */
  watchHealth(service: string) {
    return this.#client.makeServerStreamRequest(
      '/grpc.health.v1.Health/Watch',
      (request: { service: string }) => Buffer.from(encodeMessage('grpc.health.v1.HealthCheckRequest', request)),
      (bytes) => decodeMessage('grpc.health.v1.HealthCheckResponse', bytes),
      { service },
    );
  }

  reflect(version: 'v1' | 'v1alpha') {
    return this.#client.makeBidiStreamRequest(
      `/grpc.reflection.${version}.ServerReflection/ServerReflectionInfo`,
      (request: Messages['grpc.reflection.v1.ServerReflectionRequest']) =>
        Buffer.from(encodeMessage('grpc.reflection.v1.ServerReflectionRequest', request)),
      (bytes) => decodeMessage('grpc.reflection.v1.ServerReflectionResponse', bytes),
    );
  }

  /** Bytes in, bytes out. */
  call(
    path: string,
    request: Uint8Array,
    options: CallOptions = {},
    headers: Readonly<Record<string, string>> = {},
  ): Promise<Uint8Array> {
    const metadata = new Metadata();
    for (const [name, value] of Object.entries(headers)) metadata.set(name, value);
    return new Promise((resolve, reject) => {
      this.#client.makeUnaryRequest(
        path,
        (bytes: Uint8Array) => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length),
        (bytes) => bytes,
        request,
        metadata,
        options,
        (error, response) => (error ? reject(error) : resolve(response!)),
      );
    });
  }

  /** A call that is left to the caller to cancel. */
  start(path: string, request: Uint8Array, done: (code: number | undefined) => void) {
    return this.#client.makeUnaryRequest(
      path,
      (bytes: Uint8Array) => Buffer.from(bytes),
      (bytes) => bytes,
      request,
      (error) => done(error?.code),
    );
  }

  close(): void {
    this.#client.close();
  }

  async #messages<Request extends keyof Messages, Response extends keyof Messages>(
    path: string,
    requestName: Request,
    request: Messages[Request],
    responseName: Response,
  ): Promise<Messages[Response]> {
    return decodeMessage(responseName, await this.call(path, encodeMessage(requestName, request)));
  }
}

export const paths = {
  predict: '/tensorflow.serving.PredictionService/Predict',
  classify: '/tensorflow.serving.PredictionService/Classify',
  regress: '/tensorflow.serving.PredictionService/Regress',
  multiInference: '/tensorflow.serving.PredictionService/MultiInference',
  getModelMetadata: '/tensorflow.serving.PredictionService/GetModelMetadata',
  getModelStatus: '/tensorflow.serving.ModelService/GetModelStatus',
  reload: '/tensorflow.serving.ModelService/HandleReloadConfigRequest',
  sessionRun: '/tensorflow.serving.SessionService/SessionRun',
};
