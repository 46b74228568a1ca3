/** PredictionService.Predict (TensorFlow Serving's `predict_util.cc`). */
import { ServingError } from '@serving/core';
import type { Signature } from '@serving/core/extend';
import {
  checkOutputFilter,
  InferenceCall,
  type PredictionService,
  type QueuedWork,
  type SliceQueue,
  sliceQueue,
  toInputs,
} from '@serving/core/internal';
import type { NamedTensors } from '@serving/core/tensor';
import {
  decodePredictRequestMessage,
  decodePredictRequestMessageInSlices,
  encodePredictResponseMessage,
  type PredictRequestMessage,
} from '@serving/protos/messages';
import type { BytesOwnership, EncodedTensorProto, FillOptions } from '@serving/protos/tensor';
import type { CallContext } from './call-context.js';
import { parseRequest } from './grpc-status.js';
import { toModelSpec } from './requested-model.js';

/** When numbers of outputs go as raw bytes into `tensor_content`: always, never, or where an input's did. */
export type TensorContentRule = boolean | 'as-requested';

/** Answers at once, without a promise, when the model is known to run in microseconds. */
export class PredictMethod {
  readonly #service: PredictionService;
  readonly #tensorContent: TensorContentRule;
  readonly #decoding: FillOptions & BytesOwnership;
  readonly #queue: SliceQueue;

  /** @param queue where large requests wait for their turn to be read */
  constructor(
    service: PredictionService,
    tensorContent: TensorContentRule,
    fill: FillOptions,
    queue: SliceQueue = sliceQueue,
  ) {
    this.#service = service;
    this.#tensorContent = tensorContent;
    // The bytes of a request have no other reader.
    this.#decoding = { ...fill, mayOverwrite: true };
    this.#queue = queue;
  }

  /** The bytes of the response, or what goes wrong as a `ServingError`, thrown or rejected. */
  handle(bytes: Uint8Array, context: CallContext): Uint8Array | Promise<Uint8Array> {
    if (bytes.length > MAX_BYTES_AT_ONCE) return this.#handleLarge(bytes, context);
    const decode = (): PredictRequestMessage => decodePredictRequestMessage(bytes, this.#decoding);
    return this.#answer(parseRequest(TYPE, decode), context);
  }

  /** Most have one large tensor, which is read in one slice. */
  #handleLarge(bytes: Uint8Array, context: CallContext): Uint8Array | Promise<Uint8Array> {
    const work = new RequestReading(decodePredictRequestMessageInSlices(bytes, this.#decoding));
    if (work.step()) return this.#answer(work.result, context);
    return this.#queue.run(work, () => context.checkGoesOn()).then(() => this.#answer(work.result, context));
  }

  #answer(request: PredictRequestMessage, context: CallContext): Uint8Array | Promise<Uint8Array> {
    if (context.trace !== undefined) context.trace.model = request.modelSpec?.name ?? '';
    const call = InferenceCall.begin(this.#service, toModelSpec(request.modelSpec), context);
    let isWaiting = false;
    try {
      const signature = call.signature(request.modelSpec?.signatureName, 'predict');
      const inputs = inputsOf(request, signature);
      const outputs = call.predict(signature, inputs, request.outputFilter);
      if (!(outputs instanceof Promise)) return this.#encode(call, context, signature, request, outputs);
      isWaiting = true;
      return this.#encodeLater(call, context, signature, request, outputs);
    } finally {
      if (!isWaiting) call.release();
    }
  }

  async #encodeLater(
    call: InferenceCall,
    context: CallContext,
    signature: Signature,
    request: PredictRequestMessage,
    outputs: Promise<NamedTensors>,
  ): Promise<Uint8Array> {
    try {
      return this.#encode(call, context, signature, request, await outputs);
    } finally {
      call.release();
    }
  }

  #encode(
    { handle: { id, servable }, trace, isLogging }: InferenceCall,
    context: CallContext,
    signature: Signature,
    request: PredictRequestMessage,
    outputs: NamedTensors,
  ): Uint8Array {
    if (trace !== undefined) trace.enter('encode');
    const asTensorContent = this.#tensorContent === 'as-requested' ? hasContent(request.inputs) : this.#tensorContent;
    const response = encodePredictResponseMessage(
      { modelSpec: { name: id.name, version: id.version, signatureName: signature.name }, outputs },
      { asTensorContent },
    );
    // Outputs may have been views of inputs until now. A log of the request keeps both.
    if (servable.copiesInputs && !isLogging) context.releaseRequest();
    return response;
  }
}

const TYPE = 'PredictRequest';

/** A larger request may take longer than a millisecond to read. */
const MAX_BYTES_AT_ONCE = 256 * 1024;

/** A request that is read in slices. */
class RequestReading implements QueuedWork<PredictRequestMessage> {
  readonly #steps: Iterator<void, PredictRequestMessage>;
  #result: PredictRequestMessage | undefined;

  constructor(steps: Iterator<void, PredictRequestMessage>) {
    this.#steps = steps;
  }

  step(): boolean {
    const { done, value } = parseRequest(TYPE, () => this.#steps.next());
    if (done !== true) return false;
    this.#result = value;
    return true;
  }

  get result(): PredictRequestMessage {
    return this.#result!;
  }
}

/** Names, then values, then the output filter, then data types: the order of TensorFlow Serving's checks. */
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
