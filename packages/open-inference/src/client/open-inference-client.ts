/** A client of the protocol over HTTP, on `fetch`. */
import type { ModelStatistics } from '../models/statistics-answer.js';
import type {
  ClientCallOptions,
  ClientInferRequest,
  ClientInferResponse,
  InferenceClient,
  ModelDescription,
  ModelVersion,
  RepositoryModel,
  ServerDescription,
} from './client-messages.js';
import { decodeAnswer } from './decode-response.js';
import { encodeRequest } from './encode-request.js';
import { errorOfAnswer } from './open-inference-error.js';
import { Retries, type RetryOptions } from './retries.js';

/** How a client sends its requests. All have defaults. */
export interface OpenInferenceClientOptions extends RetryOptions {
  /** Default: the global `fetch`. */
  readonly fetch?: typeof fetch;
  /** Sent with each request, such as `Authorization`. Default: none. */
  readonly headers?: Readonly<Record<string, string>>;
  /**
   * Whether tensors are sent, and asked for, in binary form. Default: true. MLServer needs false; tensors then are text, exact as well, but
   * BYTES must be UTF-8.
   */
  readonly binary?: boolean;
}

/**
 * Calls one server. What a server answers with an error rejects with an `OpenInferenceError`; what `fetch` fails with is passed on.
 *
 * @example
 * ```ts
 * const client = new OpenInferenceClient('http://localhost:8501');
 * const x = createTensor('float', [3], Float32Array.of(1, 2, 5));
 * const { outputs } = await client.infer({ model: 'half_plus_two', inputs: { x } });
 * ```
 */
export class OpenInferenceClient implements InferenceClient {
  readonly #base: string;
  readonly #fetch: typeof fetch;
  readonly #headers: Readonly<Record<string, string>>;
  readonly #isBinary: boolean;
  readonly #retries: Retries;

  /** @param url of the server, with the path that stands before `v2` if there is one */
  constructor(url: string | URL, options: OpenInferenceClientOptions = {}) {
    this.#base = `${String(url).replace(/\/+$/, '')}/v2`;
    this.#fetch = options.fetch ?? ((input, init) => fetch(input, init));
    this.#headers = options.headers ?? {};
    this.#isBinary = options.binary ?? true;
    this.#retries = new Retries(options);
  }

  /** Whether the server is up. */
  live(options: ClientCallOptions = {}): Promise<boolean> {
    return this.#isOk('/health/live', options);
  }

  /** Whether the server can infer. */
  ready(options: ClientCallOptions = {}): Promise<boolean> {
    return this.#isOk('/health/ready', options);
  }

  /** Whether a model can infer; false for an unknown one. */
  modelReady(model: string, { version, ...options }: ModelVersion = {}): Promise<boolean> {
    return this.#isOk(`${modelPath(model, version)}/ready`, options);
  }

  /** Returns the server's metadata. */
  metadata(options: ClientCallOptions = {}): Promise<ServerDescription> {
    return this.#json('GET', '', options);
  }

  /** Returns a model's metadata; with this project's server of another signature, too. */
  modelMetadata(
    model: string,
    { version, signatureName, ...options }: ModelVersion & { readonly signatureName?: string } = {},
  ): Promise<ModelDescription> {
    const query = signatureName === undefined ? '' : `?signature_name=${encodeURIComponent(signatureName)}`;
    return this.#json('GET', modelPath(model, version) + query, options);
  }

  /** Runs a model. Tensors of the answer are the caller's own. */
  async infer(request: ClientInferRequest, options: ClientCallOptions = {}): Promise<ClientInferResponse> {
    const { body, jsonLength } = encodeRequest(request, this.#isBinary);
    const headers = {
      'Content-Type': jsonLength === undefined ? 'application/json' : 'application/octet-stream',
      ...(jsonLength !== undefined && { [JSON_LENGTH]: String(jsonLength) }),
    };
    const path = `${modelPath(request.model, request.version)}/infer`;
    const response = await this.#answered(path, { method: 'POST', body, headers, ...options });
    const length = response.headers.get(JSON_LENGTH);
    const bytes = new Uint8Array(await response.arrayBuffer());
    return decodeAnswer(bytes, length === null ? undefined : Number(length));
  }

  /** Every version of every model, or of those that can infer. */
  index({ ready, ...options }: ClientCallOptions & { readonly ready?: boolean } = {}): Promise<RepositoryModel[]> {
    return this.#json('POST', '/repository/index', options, ready === undefined ? {} : { ready });
  }

  /** Loads a model, or makes the server poll for new versions of it. Resolves when it is loaded. */
  async load(model: string, options: ClientCallOptions = {}): Promise<void> {
    await this.#control(model, 'load', options);
  }

  /** Unloads a model. Resolves when it is unloaded. */
  async unload(model: string, options: ClientCallOptions = {}): Promise<void> {
    await this.#control(model, 'unload', options);
  }

  /** Counts and times of all models, of one, or of one version. */
  async statistics(model?: string, { version, ...options }: ModelVersion = {}): Promise<readonly ModelStatistics[]> {
    const path = model === undefined ? '/models/stats' : `${modelPath(model, version)}/stats`;
    const { model_stats } = await this.#json<{ model_stats: ModelStatistics[] }>('GET', path, options);
    return model_stats;
  }

  async #control(model: string, kind: 'load' | 'unload', options: ClientCallOptions): Promise<void> {
    const path = `/repository/models/${encodeURIComponent(model)}/${kind}`;
    // Once: it may have been done although the answer did not come.
    const response = await this.#sent(path, { ...options, ...jsonBody('POST', {}) });
    await response.arrayBuffer();
  }

  async #isOk(path: string, options: ClientCallOptions): Promise<boolean> {
    const response = await this.#fetch(this.#base + path, { headers: this.#headers, ...options });
    await response.arrayBuffer();
    return response.status === 200;
  }

  async #json<Result>(method: string, path: string, options: ClientCallOptions, body?: object): Promise<Result> {
    const response = await this.#answered(path, { ...options, ...jsonBody(method, body) });
    return (await response.json()) as Result;
  }

  #answered(path: string, init: RequestInit): Promise<Response> {
    return this.#retries.run(() => this.#sent(path, init), init.signal ?? undefined);
  }

  async #sent(path: string, init: RequestInit): Promise<Response> {
    const headers = { ...this.#headers, ...(init.headers as Readonly<Record<string, string>>) };
    const response = await this.#fetch(this.#base + path, { ...init, headers });
    if (response.ok) return response;
    throw errorOfAnswer(response.status, await response.text());
  }
}

const JSON_LENGTH = 'Inference-Header-Content-Length';

function jsonBody(method: string, body: object | undefined): RequestInit {
  if (body === undefined) return { method };
  return { method, body: JSON.stringify(body), headers: { 'Content-Type': 'application/json' } };
}

function modelPath(model: string, version: string | undefined): string {
  const path = `/models/${encodeURIComponent(model)}`;
  return version === undefined ? path : `${path}/versions/${encodeURIComponent(version)}`;
}
