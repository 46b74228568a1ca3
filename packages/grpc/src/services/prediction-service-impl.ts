/** PredictionService (TensorFlow Serving's `prediction_service_impl.cc`): bytes of a request in, bytes of its response out. */
import { ServingError } from '@serving/core';
import { DEFAULT_SIGNATURE_NAME, type ExampleInput } from '@serving/core/extend';
import {
  classify,
  InferenceCall,
  multiInference,
  type PredictionService,
  predictionServiceOf,
  regress,
} from '@serving/core/internal';
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
  readonly #service: PredictionService;
  readonly #predict: PredictMethod;

  constructor(server: GrpcModelServer, tensorContent: TensorContentRule, fill: FillOptions) {
    this.#server = server;
    this.#service = predictionServiceOf(server);
    this.#predict = new PredictMethod(this.#service, tensorContent, fill);
  }

  predict(request: Uint8Array, context: CallContext): Uint8Array | Promise<Uint8Array> {
    return this.#predict.handle(request, context);
  }

  classify(request: Uint8Array, context: CallContext): Promise<Uint8Array> {
    return this.#runExamples('ClassificationRequest', request, context, async (call, signatureName, input) => {
      const result = await classify(call, signatureName, input);
      context.trace?.enter('encode');
      return encodeClassificationResponseMessage({ ...call.handle.id, signatureName }, result);
    });
  }

  regress(request: Uint8Array, context: CallContext): Promise<Uint8Array> {
    return this.#runExamples('RegressionRequest', request, context, async (call, signatureName, input) => {
      const result = await regress(call, signatureName, input);
      context.trace?.enter('encode');
      return encodeRegressionResponseMessage({ ...call.handle.id, signatureName }, result);
    });
  }

  /** The first task's version is asked in all tasks. */
  async multiInference(bytes: Uint8Array, context: CallContext): Promise<Uint8Array> {
    const { tasks, input } = parseRequest('MultiInferenceRequest', () => decodeMultiInferenceRequest(bytes));
    const none = { name: '', signatureName: '' };
    if (context.trace) context.trace.model = tasks[0]?.modelSpec?.name ?? '';
    const call = InferenceCall.begin(this.#service, toModelSpec(tasks[0]?.modelSpec ?? none), context);
    try {
      const inferenceTasks = tasks.map(({ modelSpec = none, methodName }) => ({
        model: modelSpec.name,
        signatureName: modelSpec.signatureName,
        methodName,
      }));
      const results = await multiInference(call, inferenceTasks, input);
      context.trace?.enter('encode');
      return encodeMultiInferenceResponse(call.handle.id, results);
    } finally {
      call.release();
    }
  }

  getModelMetadata(bytes: Uint8Array, context: CallContext): Uint8Array {
    const { modelSpec, metadataField } = parseRequest('GetModelMetadataRequest', () =>
      decodeGetModelMetadataRequest(bytes),
    );
    if (context.trace) context.trace.model = modelSpec?.name ?? '';
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

  async #runExamples(
    type: string,
    bytes: Uint8Array,
    context: CallContext,
    run: (call: InferenceCall, signatureName: string, input: ExampleInput) => Promise<Uint8Array>,
  ): Promise<Uint8Array> {
    const { modelSpec, input } = parseRequest(type, () => decodeExamplesRequest(bytes));
    if (context.trace) context.trace.model = modelSpec?.name ?? '';
    const call = InferenceCall.begin(this.#service, toModelSpec(modelSpec), context);
    try {
      return await run(call, modelSpec?.signatureName || DEFAULT_SIGNATURE_NAME, input);
    } finally {
      call.release();
    }
  }
}

const SIGNATURE_DEF = 'signature_def';
