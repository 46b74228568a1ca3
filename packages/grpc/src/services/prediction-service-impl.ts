/** PredictionService (TensorFlow Serving's `prediction_service_impl.cc`): bytes of a request in, bytes of its response out. */
import {
  classify,
  DEFAULT_SIGNATURE_NAME,
  type ExampleInput,
  type InferenceServable,
  multiInference,
  type RunLimits,
  regress,
  type ServableHandle,
  ServingError,
} from '@serving/core';
import {
  decodeExamplesRequest,
  decodeGetModelMetadataRequest,
  decodeMultiInferenceRequest,
  encodeClassificationResponseMessage,
  encodeGetModelMetadataResponse,
  encodeMultiInferenceResponse,
  encodeRegressionResponseMessage,
} from '@serving/protos/messages';
import type { FillOptions } from '@serving/protos/tensor';
import type { GrpcModelServer } from '../grpc-model-server.js';
import type { CallContext } from './call-context.js';
import { parseRequest } from './grpc-status.js';
import { PredictMethod, type TensorContentRule } from './predict-method.js';
import { toModelSpec } from './requested-model.js';

/** Methods throw or reject with `ServingError`s. */
export class PredictionServiceImpl {
  readonly #server: GrpcModelServer;
  readonly #predict: PredictMethod;

  constructor(server: GrpcModelServer, tensorContent: TensorContentRule, fill: FillOptions) {
    this.#server = server;
    this.#predict = new PredictMethod(server, tensorContent, fill);
  }

  predict(request: Uint8Array, call: CallContext): Uint8Array | Promise<Uint8Array> {
    return this.#predict.handle(request, call);
  }

  classify(request: Uint8Array, call: CallContext): Promise<Uint8Array> {
    return this.#answerExamples(
      'ClassificationRequest',
      request,
      call,
      async (handle, signatureName, input, limits) => {
        const result = await classify(this.#server, handle, signatureName, input, limits);
        call.trace?.enter('encode');
        return encodeClassificationResponseMessage({ ...handle.id, signatureName }, result);
      },
    );
  }

  regress(request: Uint8Array, call: CallContext): Promise<Uint8Array> {
    return this.#answerExamples('RegressionRequest', request, call, async (handle, signatureName, input, limits) => {
      const result = await regress(this.#server, handle, signatureName, input, limits);
      call.trace?.enter('encode');
      return encodeRegressionResponseMessage({ ...handle.id, signatureName }, result);
    });
  }

  /** The first task's version is asked in all tasks. */
  async multiInference(bytes: Uint8Array, call: CallContext): Promise<Uint8Array> {
    const { tasks, input } = parseRequest('MultiInferenceRequest', decodeMultiInferenceRequest, bytes);
    const none = { name: '', signatureName: '' };
    if (call.trace) call.trace.model = tasks[0]?.modelSpec?.name ?? '';
    const handle = this.#server.getServableHandle(toModelSpec(tasks[0]?.modelSpec ?? none));
    try {
      call.trace?.found(handle.id);
      const inferenceTasks = tasks.map(({ modelSpec = none, methodName }) => ({
        model: modelSpec.name,
        signatureName: modelSpec.signatureName,
        methodName,
      }));
      const results = await multiInference(this.#server, handle, inferenceTasks, input, call.limits());
      call.trace?.enter('encode');
      return encodeMultiInferenceResponse(handle.id, results);
    } finally {
      handle.release();
    }
  }

  getModelMetadata(bytes: Uint8Array, call: CallContext): Uint8Array {
    const { modelSpec, metadataField } = parseRequest('GetModelMetadataRequest', decodeGetModelMetadataRequest, bytes);
    if (call.trace) call.trace.model = modelSpec?.name ?? '';
    const spec = toModelSpec(modelSpec);
    if (metadataField.length === 0) {
      throw new ServingError('INVALID_ARGUMENT', 'GetModelMetadataRequest must specify at least one metadata_field');
    }
    const unknown = metadataField.find((field) => field !== SIGNATURE_DEF);
    if (unknown !== undefined) {
      throw new ServingError('INVALID_ARGUMENT', `Metadata field ${unknown} is not supported`);
    }
    return encodeGetModelMetadataResponse(this.#server.getModelMetadata(spec));
  }

  async #answerExamples(
    type: string,
    bytes: Uint8Array,
    call: CallContext,
    answer: ExamplesAnswer,
  ): Promise<Uint8Array> {
    const { modelSpec, input } = parseRequest(type, decodeExamplesRequest, bytes);
    if (call.trace) call.trace.model = modelSpec?.name ?? '';
    const handle = this.#server.getServableHandle(toModelSpec(modelSpec));
    const signatureName = modelSpec?.signatureName || DEFAULT_SIGNATURE_NAME;
    try {
      call.trace?.found(handle.id, signatureName);
      return await answer(handle, signatureName, input, call.limits());
    } finally {
      handle.release();
    }
  }
}

type ExamplesAnswer = (
  handle: ServableHandle<InferenceServable>,
  signatureName: string,
  input: ExampleInput,
  limits: RunLimits,
) => Promise<Uint8Array>;

const SIGNATURE_DEF = 'signature_def';
