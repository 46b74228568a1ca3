/** A client of the protocol over gRPC, on Node's HTTP/2. */
import type {
  ClientCallOptions,
  ClientInferRequest,
  ClientInferResponse,
  InferenceClient,
  ModelDescription,
  ModelVersion,
  RepositoryModel,
  ServerDescription,
} from '../client/client-messages.js';
import { OpenInferenceError } from '../client/open-inference-error.js';
import { Retries, type RetryOptions } from '../client/retries.js';
import { encodeFields, type MessageSpec } from '../grpc/message-codec.js';
import { type ReadMessage, readMessage } from '../grpc/message-reader.js';
import { SERVICE_NAME, specs } from '../grpc/service-messages.js';
import type { ModelStatistics } from '../models/statistics-answer.js';
import { GrpcChannel, type GrpcChannelOptions } from './grpc-channel.js';
import { decodeInferAnswer, encodeInferCall } from './infer-codec.js';

/** How a client connects and sends its calls. All have defaults. */
export interface OpenInferenceGrpcClientOptions extends GrpcChannelOptions, RetryOptions {
  /** Milliseconds that an attempt of a call may take, where its request has no limit of its own. Default: `false`, any time. */
  readonly timeoutMs?: number | false;
}

/**
 * Calls one server. Calls in flight at one time share a connection, which is made again when it was lost.
 *
 * @example
 * ```ts
 * const client = new OpenInferenceGrpcClient('http://localhost:8500');
 * const x = createTensor('float', [3], Float32Array.of(1, 2, 5));
 * const { outputs } = await client.infer({ model: 'half_plus_two', inputs: { x } });
 * client.close();
 * ```
 */
export class OpenInferenceGrpcClient implements InferenceClient, Disposable {
  readonly #channel: GrpcChannel;
  readonly #retries: Retries;
  readonly #timeoutMs: number | undefined;

  /** @param url of the server: `http://HOST:PORT`, or `https://HOST:PORT` for TLS */
  constructor(url: string | URL, options: OpenInferenceGrpcClientOptions = {}) {
    this.#channel = new GrpcChannel(url, options);
    this.#retries = new Retries(options);
    this.#timeoutMs = options.timeoutMs === false ? undefined : options.timeoutMs;
  }

  /** Whether the server is up. */
  live(options: ClientCallOptions = {}): Promise<boolean> {
    return this.#flag('ServerLive', NO_BYTES, options);
  }

  /** Whether the server can infer. */
  ready(options: ClientCallOptions = {}): Promise<boolean> {
    return this.#flag('ServerReady', NO_BYTES, options);
  }

  /** Whether a model can infer; false for an unknown one. */
  modelReady(model: string, { version = '', ...options }: ModelVersion = {}): Promise<boolean> {
    return this.#flag('ModelReady', encodeFields(specs.model, { name: model, version }), options);
  }

  /** Returns the server's metadata. */
  async metadata(options: ClientCallOptions = {}): Promise<ServerDescription> {
    return (await this.#read(
      'ServerMetadata',
      NO_BYTES,
      specs.serverMetadata,
      options,
    )) as unknown as ServerDescription;
  }

  /** Returns a model's metadata: of its default signature, and of the others in the properties. */
  async modelMetadata(model: string, { version = '', ...options }: ModelVersion = {}): Promise<ModelDescription> {
    const request = encodeFields(specs.model, { name: model, version });
    return (await this.#read('ModelMetadata', request, specs.modelMetadata, options)) as unknown as ModelDescription;
  }

  /** Runs a model. `timeoutMs` of the request is the deadline of the call, too. */
  async infer(request: ClientInferRequest, options: ClientCallOptions = {}): Promise<ClientInferResponse> {
    const message = encodeInferCall(request);
    const answer = await this.#retries.run(
      () => this.#call('ModelInfer', message, options, request.timeoutMs),
      options.signal,
    );
    return decodeInferAnswer(answer);
  }

  /** Every version of every model, or of those that can infer. */
  async index({
    ready = false,
    ...options
  }: ClientCallOptions & { readonly ready?: boolean } = {}): Promise<RepositoryModel[]> {
    const { models } = await this.#read(
      'RepositoryIndex',
      encodeFields(specs.index, { ready }),
      specs.entries,
      options,
    );
    return models as RepositoryModel[];
  }

  /** Loads a model, or makes the server poll for new versions of it. Resolves when it is loaded. */
  async load(model: string, options: ClientCallOptions = {}): Promise<void> {
    await this.#call('RepositoryModelLoad', encodeFields(specs.control, { model_name: model }), options);
  }

  /** Unloads a model. Resolves when it is unloaded. */
  async unload(model: string, options: ClientCallOptions = {}): Promise<void> {
    await this.#call('RepositoryModelUnload', encodeFields(specs.control, { model_name: model }), options);
  }

  /** Counts and times of all models, of one, or of one version. */
  async statistics(model = '', { version = '', ...options }: ModelVersion = {}): Promise<readonly ModelStatistics[]> {
    const request = encodeFields(specs.model, { name: model, version });
    const { model_stats } = await this.#read('ModelStatistics', request, specs.statistics, options);
    return (model_stats as ModelStatistics[]).map((statistics) => ({
      ...statistics,
      response_stats: {},
      memory_usage: [],
    }));
  }

  /** Ends the connection when the calls in flight are answered. Further calls reject with `CANCELLED`. */
  close(): void {
    this.#channel.close();
  }

  /** {@link OpenInferenceGrpcClient.close}, for `using`. */
  [Symbol.dispose](): void {
    this.close();
  }

  async #flag(method: string, request: Uint8Array, options: ClientCallOptions): Promise<boolean> {
    try {
      const answer = await this.#call(method, request, options);
      return readMessage(specs.flag, answer).flag === true;
    } catch (error) {
      // Servers differ in whether that is an answer or an error; a connection that fails is an error.
      if (error instanceof OpenInferenceError && error.cause === undefined && noAnswers.has(error.code)) return false;
      throw error;
    }
  }

  async #read(
    method: string,
    request: Uint8Array,
    spec: MessageSpec,
    options: ClientCallOptions,
  ): Promise<ReadMessage> {
    return readMessage(spec, await this.#retries.run(() => this.#call(method, request, options), options.signal));
  }

  #call(
    method: string,
    request: Uint8Array,
    { signal }: ClientCallOptions,
    timeoutMs: number | undefined = this.#timeoutMs,
  ): Promise<Uint8Array> {
    return this.#channel.call(`/${SERVICE_NAME}/${method}`, request, { timeoutMs, signal });
  }
}

const NO_BYTES = new Uint8Array(0);
const noAnswers: ReadonlySet<string> = new Set(['NOT_FOUND', 'UNAVAILABLE']);
