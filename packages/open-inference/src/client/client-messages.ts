/** What the client is given, and what it returns. */
import type { NamedTensors, Tensor } from '@serving/core/tensor';
import type { ModelStatistics } from '../models/statistics-answer.js';

/** An inference request. */
export interface ClientInferRequest {
  readonly model: string;
  /** Digits, or with this project's server a version label. Default: the latest version. */
  readonly version?: string;
  /** The signature to run, with this project's server. Default: the model's default signature. */
  readonly signatureName?: string;
  /** Returned with the answer. */
  readonly id?: string;
  /** By name. They are read before the call returns its promise. */
  readonly inputs: Readonly<Record<string, Tensor>>;
  /** Outputs to return, by name. Default: all. */
  readonly outputs?: readonly string[];
  /** Milliseconds that the server may take. Default: its own limit. */
  readonly timeoutMs?: number;
  /** Further parameters. */
  readonly parameters?: Readonly<Record<string, string | number | boolean>>;
}

/** An answer. */
export interface ClientInferResponse {
  readonly model: string;
  /** The version that ran; `undefined` where the server has no versions. */
  readonly version: string | undefined;
  readonly id: string | undefined;
  /** By name: 64-bit integers in `BigInt64Array` and `BigUint64Array`, FP16 and BF16 as patterns, BYTES in a `StringArray`. */
  readonly outputs: NamedTensors;
}

/** The metadata of a server. */
export interface ServerDescription {
  readonly name: string;
  readonly version: string;
  readonly extensions: readonly string[];
}

/** An input or output of a model. */
export interface TensorDescription {
  readonly name: string;
  /** Such as `FP32`. */
  readonly datatype: string;
  /** −1 for a free dimension. */
  readonly shape: readonly number[];
}

/** The metadata of a model. */
export interface ModelDescription {
  readonly name: string;
  readonly versions?: readonly string[];
  readonly platform: string;
  readonly inputs: readonly TensorDescription[];
  readonly outputs: readonly TensorDescription[];
  /** Of this project's server: signatures, labels and tensors of unknown rank. */
  readonly properties?: Readonly<Record<string, string>>;
}

/** A version of a model in the server's repository. */
export interface RepositoryModel {
  readonly name: string;
  readonly version?: string;
  /** Such as `READY`. */
  readonly state?: string;
  readonly reason?: string;
}

/** How one call is made. */
export interface ClientCallOptions {
  /** Aborting it rejects the call with the signal's reason. */
  readonly signal?: AbortSignal;
}

/** A version of a model; without a version the latest. */
export interface ModelVersion extends ClientCallOptions {
  readonly version?: string;
}

/** What the clients of both transports do. What a server answers with an error rejects with an `OpenInferenceError`. */
export interface InferenceClient {
  /** Whether the server is up. */
  live(options?: ClientCallOptions): Promise<boolean>;
  /** Whether the server can infer. */
  ready(options?: ClientCallOptions): Promise<boolean>;
  /** Whether a model can infer; false for an unknown one. */
  modelReady(model: string, options?: ModelVersion): Promise<boolean>;
  /** Returns the server's metadata. */
  metadata(options?: ClientCallOptions): Promise<ServerDescription>;
  /** Returns a model's metadata. */
  modelMetadata(model: string, options?: ModelVersion): Promise<ModelDescription>;
  /** Runs a model. Tensors of the answer are the caller's own. */
  infer(request: ClientInferRequest, options?: ClientCallOptions): Promise<ClientInferResponse>;
  /** Every version of every model, or of those that can infer. */
  index(options?: ClientCallOptions & { readonly ready?: boolean }): Promise<readonly RepositoryModel[]>;
  /** Loads a model, or makes the server poll for new versions of it. Resolves when it is loaded. */
  load(model: string, options?: ClientCallOptions): Promise<void>;
  /** Unloads a model. Resolves when it is unloaded. */
  unload(model: string, options?: ClientCallOptions): Promise<void>;
  /** Counts and times of all models, of one, or of one version. */
  statistics(model?: string, options?: ModelVersion): Promise<readonly ModelStatistics[]>;
}
