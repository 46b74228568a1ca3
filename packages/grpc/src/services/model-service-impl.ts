/** ModelService (TensorFlow Serving's `model_service_impl.cc`): bytes of a request in, bytes of its response out. */
import { decodeGetModelStatusRequest, encodeGetModelStatusResponse } from '@serving/protos/messages';
import type { GrpcModelServer } from '../grpc-model-server.js';
import type { CallContext } from './call-context.js';
import { parseRequest } from './grpc-status.js';
import { presentSpec } from './requested-model.js';

/** Methods throw `ServingError`s. */
export class ModelServiceImpl {
  readonly #server: GrpcModelServer;

  constructor(server: GrpcModelServer) {
    this.#server = server;
  }

  /** Ignores the label, as TensorFlow Serving does. */
  getModelStatus(bytes: Uint8Array, call: CallContext): Uint8Array {
    const { modelSpec } = parseRequest('GetModelStatusRequest', () => decodeGetModelStatusRequest(bytes));
    if (call.trace) call.trace.model = modelSpec?.name ?? '';
    const { name: model, version } = presentSpec(modelSpec);
    if (version === undefined) return encodeGetModelStatusResponse(this.#server.getModelStatus({ model }));
    return encodeGetModelStatusResponse(this.#server.getModelStatus({ model, version }));
  }
}
