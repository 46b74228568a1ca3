/** PredictionService.Predict (TensorFlow Serving's `predict_util.cc`). */
import { ServingError } from '@serving/core';
import type { Signature } from '@serving/core/extend';
import { checkOutputFilter, InferenceCall, type PredictionService, toInputs } from '@serving/core/internal';
import type { NamedTensors } from '@serving/core/tensor';
import {
  decodePredictRequestMessage,
  encodePredictResponseMessage,
  type PredictRequestMessage,
} from '@serving/protos/messages';
import type { EncodedTensorProto, FillOptions } from '@serving/protos/tensor';
import type { CallContext } from './call-context.js';
import { parseRequest } from './grpc-status.js';
import { toModelSpec } from './requested-model.js';

/** When numbers of outputs go as raw bytes into `tensor_content`: always, never, or where an input's did. */
export type TensorContentRule = boolean | 'as-requested';

/** Answers at once, without a promise, when the model is known to run in microseconds. */
export class PredictMethod {
  readonly #service: PredictionService;
  readonly #tensorContent: TensorContentRule;
  readonly #decode: (bytes: Uint8Array) => PredictRequestMessage;

  constructor(service: PredictionService, tensorContent: TensorContentRule, fill: FillOptions) {
    this.#service = service;
    this.#tensorContent = tensorContent;
    // Nobody else reads the bytes that grpc-js has received.
    const decoding = { ...fill, mayOverwrite: true };
    this.#decode = (bytes) => decodePredictRequestMessage(bytes, decoding);
  }

  /** The bytes of the response, or what goes wrong as a `ServingError`, thrown or rejected. */
  handle(bytes: Uint8Array, context: CallContext): Uint8Array | Promise<Uint8Array> {
    const request = parseRequest('PredictRequest', this.#decode, bytes);
    if (context.trace !== undefined) context.trace.model = request.modelSpec?.name ?? '';
    const call = InferenceCall.begin(this.#service, toModelSpec(request.modelSpec), context);
    let isWaiting = false;
    try {
      const signature = call.signature(request.modelSpec?.signatureName, 'predict');
      const inputs = inputsOf(request, signature);
      const outputs = call.predict(signature, inputs, request.outputFilter);
      if (!(outputs instanceof Promise)) return this.#encode(call, signature, request, outputs);
      isWaiting = true;
      return this.#encodeLater(call, signature, request, outputs);
    } finally {
      if (!isWaiting) call.release();
    }
  }

  async #encodeLater(
    call: InferenceCall,
    signature: Signature,
    request: PredictRequestMessage,
    outputs: Promise<NamedTensors>,
  ): Promise<Uint8Array> {
    try {
      return this.#encode(call, signature, request, await outputs);
    } finally {
      call.release();
    }
  }

  #encode(
    { handle: { id }, trace }: InferenceCall,
    signature: Signature,
    request: PredictRequestMessage,
    outputs: NamedTensors,
  ): Uint8Array {
    if (trace !== undefined) trace.enter('encode');
    const asTensorContent = this.#tensorContent === 'as-requested' ? hasContent(request.inputs) : this.#tensorContent;
    return encodePredictResponseMessage(
      { modelSpec: { name: id.name, version: id.version, signatureName: signature.name }, outputs },
      { asTensorContent },
    );
  }
}

/** Names, then values, then the output filter, then data types: the order of the reference's checks. */
function inputsOf({ inputs, outputFilter }: PredictRequestMessage, signature: Signature): NamedTensors {
  const tensors = toInputs(inputs, signature, (proto, { name }) => proto.toTensor(name));
  checkOutputFilter(outputFilter, signature);
  let position = 0;
  for (const { name, dtype } of signature.inputs.values()) {
    const given = tensors[name]!.dtype;
    // What the graph itself would say.
    if (given !== dtype && dtype !== 'invalid') {
      throw new ServingError(
        'INVALID_ARGUMENT',
        `Expects arg[${position}] to be ${dtype} but ${given} is provided (input ${name})`,
      );
    }
    position++;
  }
  return tensors;
}

function hasContent(inputs: Readonly<Record<string, EncodedTensorProto>>): boolean {
  return Object.values(inputs).some((tensor) => tensor.hasContent);
}
