/** A request that is run before a version becomes available. */

import type { ExampleLike, ServableId, TensorLike } from '@serving/core';
import { CLASSIFY_METHOD_NAME, type InferenceServable, REGRESS_METHOD_NAME } from '@serving/core/extend';
import {
  checkOutputFilter,
  classify,
  InferenceCall,
  multiInference,
  regress,
  serviceOfVersion,
  toExampleInput,
  toInputs,
} from '@serving/core/internal';
import { toTensor } from '@serving/core/tensor';

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

/** Runs a request as a client's, and drops its response. @throws ServingError as the request's API */
export async function runWarmupRequest(request: WarmupRequest, target: WarmupTarget): Promise<void> {
  const call = beginWarmup(target);
  if ('predict' in request) {
    const { signatureName, inputs, outputFilter = [] } = request.predict;
    const signature = call.signature(signatureName, 'predict');
    checkOutputFilter(outputFilter, signature);
    await call.predict(signature, toInputs(inputs, signature, toTensor), outputFilter);
  } else if ('classify' in request) {
    const { signatureName, ...examples } = request.classify;
    await classify(call, signatureName, toExampleInput(examples));
  } else if ('regress' in request) {
    const { signatureName, ...examples } = request.regress;
    await regress(call, signatureName, toExampleInput(examples));
  } else {
    const { tasks, ...examples } = request.multiInference;
    const { name: model } = target.id;
    const named = tasks.map(({ method, ...task }) => ({ ...task, model, methodName: methodNames[method] }));
    await multiInference(call, named, toExampleInput(examples));
  }
}

/** A request to the version, which is loaded and not available yet. Its load ends its wait. */
export function beginWarmup({ id, servable, signal }: WarmupTarget): InferenceCall {
  const caller = { isAborted: signal.aborted, signal, deadline: undefined };
  return InferenceCall.begin(serviceOfVersion(id, servable), { model: id.name }, caller);
}
