/** The messages of the runtime and its worker thread. */
import type { Tensor, TensorDataType } from '@serving/core/tensor';

/**
 * The types that cross: those that the addon can feed or fetch. `complex64` comes out only, `uint8` goes in only.
 */
export type AddonDataType = Extract<
  TensorDataType,
  'float' | 'int32' | 'int64' | 'uint8' | 'bool' | 'string' | 'complex64'
>;

/** A tensor as it is posted; its buffers are transferred. */
export type PostedTensor =
  | Tensor<Exclude<AddonDataType, 'string'>>
  | {
      readonly dtype: 'string';
      readonly shape: readonly number[];
      readonly bytes: Uint8Array;
      readonly offsets: Uint32Array;
    };

/** The requests to the worker, and its response to each kind. */
export interface WorkerCalls {
  describe: { readonly request: object; readonly answer: AddonDescription };
  load: {
    readonly request: { readonly directory: string; readonly tags: readonly string[] };
    /** The session's number. */
    readonly answer: number;
  };
  run: {
    readonly request: {
      readonly session: number;
      readonly feeds: readonly string[];
      readonly fetches: readonly string[];
      readonly values: readonly PostedTensor[];
    };
    readonly answer: readonly PostedTensor[];
  };
  unload: { readonly request: { readonly session: number }; readonly answer: undefined };
}

export type WorkerCallKind = keyof WorkerCalls;

export interface AddonDescription {
  readonly libraryVersion: string;
  readonly libraryPath: string;
  readonly devices: readonly string[];
}

/** `exit` has no answer: the thread ends. */
export type WorkerRequest =
  | { [K in WorkerCallKind]: { readonly id: number; readonly kind: K } & WorkerCalls[K]['request'] }[WorkerCallKind]
  | { readonly kind: 'exit' };

/** Answers come in the order of the requests. */
export type WorkerReply =
  | { readonly id: number; readonly ok: true; readonly answer: WorkerCalls[WorkerCallKind]['answer'] }
  | { readonly id: number; readonly ok: false; readonly failure: WorkerFailure };

export interface WorkerFailure {
  /** `addon`: tfjs-node couldn't be loaded; `call`: it refused the call. */
  readonly stage: 'addon' | 'call';
  readonly message: string;
}

/** What the thread is started with. */
export interface WorkerSettings {
  readonly packageName: string;
  /** Files from which the package is looked up, in order. */
  readonly origins: readonly string[];
  readonly logs: boolean;
  /** Threads of TensorFlow's pool within kernels; 0 lets TensorFlow choose. */
  readonly intraOpThreads: number;
}

/** The buffers that are given away when tensors are posted. */
export function buffersOf(tensors: readonly PostedTensor[]): ArrayBuffer[] {
  const buffers: ArrayBuffer[] = [];
  for (const tensor of tensors) {
    if (tensor.dtype === 'string')
      buffers.push(tensor.bytes.buffer as ArrayBuffer, tensor.offsets.buffer as ArrayBuffer);
    else buffers.push(tensor.data.buffer as ArrayBuffer);
  }
  return buffers;
}
