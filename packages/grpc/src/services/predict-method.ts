/** PredictionService.Predict (TensorFlow Serving's `predict_util.cc`). */
import {
  checkOutputFilter,
  DEFAULT_SIGNATURE_NAME,
  type InferenceServable,
  runPredict,
  runPredictNow,
  type ServableHandle,
  ServingError,
  type Signature,
  toNamedTensors,
} from '@serving/core';
import type { RequestTrace } from '@serving/core/diagnostics';
import type { NamedTensors } from '@serving/core/tensor';
import {
  decodePredictRequestMessage,
  encodePredictResponseMessage,
  type PredictRequestMessage,
} from '@serving/protos/messages';
import type { EncodedTensorProto, FillOptions } from '@serving/protos/tensor';
import type { GrpcModelServer } from '../grpc-model-server.js';
import type { CallContext } from './call-context.js';
import { parseRequest } from './grpc-status.js';
import { toModelSpec } from './requested-model.js';

/** When numbers of outputs go as raw bytes into `tensor_content`: always, never, or where an input's did. */
export type TensorContentRule = boolean | 'as-requested';

/** Answers at once, without a promise, when the model is known to run in microseconds. */
export class PredictMethod {
  readonly #server: GrpcModelServer;
  readonly #tensorContent: TensorContentRule;
  readonly #decode: (bytes: Uint8Array) => PredictRequestMessage;

  constructor(server: GrpcModelServer, tensorContent: TensorContentRule, fill: FillOptions) {
    this.#server = server;
    this.#tensorContent = tensorContent;
    // Nobody else reads the bytes that grpc-js has received.
    const decoding = { ...fill, mayOverwrite: true };
    this.#decode = (bytes) => decodePredictRequestMessage(bytes, decoding);
  }

  /** The bytes of the response, or what goes wrong as a `ServingError`, thrown or rejected. */
  handle(bytes: Uint8Array, call: CallContext): Uint8Array | Promise<Uint8Array> {
    const request = parseRequest('PredictRequest', this.#decode, bytes);
    const { trace } = call;
    if (trace !== undefined) trace.model = request.modelSpec?.name ?? '';
    const handle = this.#server.getServableHandle(toModelSpec(request.modelSpec));
    let running = false;
    try {
      const signature = signatureOf(handle.servable, request);
      const inputs = toInputs(request, signature);
      if (trace !== undefined) {
        trace.found(handle.id, signature.name);
        trace.enter('run');
      }
      const outputs = call.cancelled
        ? undefined
        : runPredictNow(this.#server, handle, signature, inputs, request.outputFilter);
      if (outputs) return this.#encode(handle, signature, request, outputs, trace);
      running = true;
      return this.#run(handle, signature, request, inputs, call);
    } finally {
      if (!running) handle.release();
    }
  }

  async #run(
    handle: ServableHandle<InferenceServable>,
    signature: Signature,
    request: PredictRequestMessage,
    inputs: NamedTensors,
    call: CallContext,
  ): Promise<Uint8Array> {
    try {
      const options = { ...call.limits(), outputs: request.outputFilter };
      const outputs = await runPredict(this.#server, handle, signature, inputs, options);
      return this.#encode(handle, signature, request, outputs, call.trace);
    } finally {
      handle.release();
    }
  }

  #encode(
    { id }: ServableHandle<InferenceServable>,
    signature: Signature,
    request: PredictRequestMessage,
    outputs: NamedTensors,
    trace: RequestTrace | undefined,
  ): Uint8Array {
    if (trace !== undefined) trace.enter('encode');
    const asTensorContent = this.#tensorContent === 'as-requested' ? hasContent(request.inputs) : this.#tensorContent;
    return encodePredictResponseMessage(
      { modelSpec: { name: id.name, version: id.version, signatureName: signature.name }, outputs },
      { asTensorContent },
    );
  }
}

function signatureOf({ signatures }: InferenceServable, { modelSpec }: PredictRequestMessage): Signature {
  const name = modelSpec?.signatureName || DEFAULT_SIGNATURE_NAME;
  const signature = signatures.get(name);
  if (!signature) throw new ServingError('FAILED_PRECONDITION', `Serving signature key "${name}" not found.`);
  return signature;
}

/** Names, then values, then the output filter, then data types: the order of the reference's checks. */
function toInputs({ inputs, outputFilter }: PredictRequestMessage, signature: Signature): NamedTensors {
  const tensors = toNamedTensors(inputs, signature, (proto, { name }) => proto.toTensor(name));
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
