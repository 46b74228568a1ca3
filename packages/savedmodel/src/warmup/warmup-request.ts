/** A request that is run before a version becomes available. */

import type { TensorLike } from '@serving/core';
import {
  CLASSIFY_METHOD_NAME,
  checkOutputFilter,
  classify,
  DEFAULT_SIGNATURE_NAME,
  type ExampleLike,
  type InferenceServable,
  multiInference,
  REGRESS_METHOD_NAME,
  regress,
  type ServableHandle,
  type ServableId,
  ServingError,
  type Signature,
  type SignatureRunner,
  toExampleInput,
  toNamedTensors,
} from '@serving/core';
import { type NamedTensors, toTensor } from '@serving/core/tensor';

/** Predict. */
export interface PredictWarmupRequest {
  readonly predict: {
    /** Default `serving_default`. */
    readonly signatureName?: string;
    /** By alias, as `ModelServer.predict` takes them. */
    readonly inputs: Readonly<Record<string, TensorLike>>;
    /** Outputs to fetch. Default: all. */
    readonly outputFilter?: readonly string[];
  };
}

/** Examples for one signature. */
export interface ExamplesWarmupRequest {
  /** Default `serving_default`. */
  readonly signatureName?: string;
  readonly examples: readonly ExampleLike[];
  readonly context?: ExampleLike;
}

/** Examples for several signatures. */
export interface MultiInferenceWarmupRequest {
  readonly multiInference: {
    readonly tasks: readonly { readonly signatureName?: string; readonly method: 'classify' | 'regress' }[];
    readonly examples: readonly ExampleLike[];
    readonly context?: ExampleLike;
  };
}

/** One request, by the API that it is for. */
export type WarmupRequest =
  | PredictWarmupRequest
  | { readonly classify: ExamplesWarmupRequest }
  | { readonly regress: ExamplesWarmupRequest }
  | MultiInferenceWarmupRequest;

/** The version that is warmed up. */
export interface WarmupTarget {
  readonly id: ServableId;
  readonly servable: InferenceServable;
  readonly signal: AbortSignal;
}

/** What each API does with its method's name. */
export const methodNames: Readonly<Record<'classify' | 'regress', string>> = {
  classify: CLASSIFY_METHOD_NAME,
  regress: REGRESS_METHOD_NAME,
};

/** @throws ServingError `FAILED_PRECONDITION` when there is no such signature. */
export function predictSignature(signatures: ReadonlyMap<string, Signature>, name: string | undefined): Signature {
  const signature = signatures.get(name || DEFAULT_SIGNATURE_NAME);
  if (signature) return signature;
  throw new ServingError('FAILED_PRECONDITION', `Serving signature key "${name || DEFAULT_SIGNATURE_NAME}" not found.`);
}

/** Runs a request as a client's, and drops its answer. @throws ServingError as the request's API. */
export async function runWarmupRequest(request: WarmupRequest, target: WarmupTarget): Promise<void> {
  const { handle, runner } = access(target);
  const limits = { signal: target.signal };
  if ('predict' in request) {
    const { signatureName, inputs, outputFilter = [] } = request.predict;
    const signature = predictSignature(target.servable.signatures, signatureName);
    checkOutputFilter(outputFilter, signature);
    await runPredict(target, signature, toNamedTensors(inputs, signature, toTensor), outputFilter);
  } else if ('classify' in request) {
    const { signatureName, ...examples } = request.classify;
    await classify(runner, handle, signatureName, toExampleInput(examples), limits);
  } else if ('regress' in request) {
    const { signatureName, ...examples } = request.regress;
    await regress(runner, handle, signatureName, toExampleInput(examples), limits);
  } else {
    const { tasks, ...examples } = request.multiInference;
    const named = tasks.map(({ method, ...task }) => ({
      ...task,
      model: handle.id.name,
      methodName: methodNames[method],
    }));
    await multiInference(runner, handle, named, toExampleInput(examples), limits);
  }
}

/** A run of inputs that are complete. */
export async function runPredict(
  { servable, signal }: WarmupTarget,
  signature: Signature,
  inputs: NamedTensors,
  outputs: readonly string[],
): Promise<void> {
  await servable.run(signature, inputs, { signal, outputs });
}

/** The version in the form that the APIs of examples ask: it is nobody's yet, so holding it costs nothing. */
export function access({ id, servable }: WarmupTarget): {
  readonly handle: ServableHandle<InferenceServable>;
  readonly runner: SignatureRunner;
} {
  const release = (): void => undefined;
  return {
    handle: { id, servable, release, [Symbol.dispose]: release },
    runner: {
      run: (handle, signature, inputs, options) => handle.servable.run(signature, inputs, options),
      runNow: () => undefined,
    },
  };
}
