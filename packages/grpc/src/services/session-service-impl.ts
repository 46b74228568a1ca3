/** SessionService: runs a model's graph from any of its tensors to any other. */
import { ServingError } from '@serving/core';
import type { GraphServable, SignatureDef, TensorInfo } from '@serving/core/extend';
import { type PredictionService, predictionServiceOf, SessionRunCall } from '@serving/core/internal';
import type { Tensor } from '@serving/core/tensor';
import {
  decodeSessionRunRequest,
  encodeSessionRunResponse,
  type SessionRunRequestMessage,
} from '@serving/protos/messages';
import type { FillOptions } from '@serving/protos/tensor';
import type { GrpcModelServer } from '../grpc-model-server.js';
import type { CallContext } from './call-context.js';
import { parseRequest } from './grpc-status.js';
import { toModelSpec } from './requested-model.js';

/** Methods throw or reject with `ServingError`s. */
export class SessionServiceImpl {
  readonly #service: PredictionService;
  readonly #decode: (bytes: Uint8Array) => SessionRunRequestMessage;

  constructor(server: GrpcModelServer, fill: FillOptions) {
    this.#service = predictionServiceOf(server);
    this.#decode = (bytes) => decodeSessionRunRequest(bytes, fill);
  }

  /** The call's deadline or the time that the request gives, whichever is earlier, limits the run. */
  async sessionRun(bytes: Uint8Array, context: CallContext): Promise<Uint8Array> {
    const request = parseRequest('SessionRunRequest', () => this.#decode(bytes));
    if (request.timeoutMs > 0) context.limit(request.timeoutMs);
    const call = SessionRunCall.begin(this.#service, toModelSpec(request.modelSpec), context);
    try {
      if (request.targets.length > 0) {
        throw new ServingError(
          'UNIMPLEMENTED',
          `SessionRun without fetching (target ${request.targets[0]}) is not supported`,
        );
      }
      const { servable, id } = call.handle;
      const outputs = fetchNames(request, servable);
      const tensors = await call.run(toFeeds(request, servable), outputs);
      return encodeSessionRunResponse(
        request.fetches.map((name, i) => ({ name, tensor: tensors[i]! })),
        { name: id.name, version: id.version },
      );
    } finally {
      call.release();
    }
  }
}

function toFeeds(request: SessionRunRequestMessage, servable: GraphServable): ReadonlyMap<string, Tensor> {
  const feeds = new Map<string, Tensor>();
  for (const { name: given, tensor } of request.feeds) {
    const name = request.tensorNameIsAlias ? tensorOf(given, servable, (def) => def.inputs) : given;
    if (feeds.has(name)) throw new ServingError('INVALID_ARGUMENT', `Duplicate feed: ${given}`);
    feeds.set(name, tensor.toTensor(given));
  }
  return feeds;
}

function fetchNames({ fetches, tensorNameIsAlias }: SessionRunRequestMessage, servable: GraphServable): string[] {
  return fetches.map((name) => (tensorNameIsAlias ? tensorOf(name, servable, (def) => def.outputs) : name));
}

/** The tensor that an alias stands for in the signatures, which have to agree. */
function tensorOf(
  alias: string,
  { signatureDefs }: GraphServable,
  infosOf: (def: SignatureDef) => ReadonlyMap<string, TensorInfo>,
): string {
  const names = new Set<string>();
  for (const def of signatureDefs.values()) {
    const name = infosOf(def).get(alias)?.name;
    if (name !== undefined) names.add(name);
  }
  const [name] = names;
  if (name === undefined)
    throw new ServingError('INVALID_ARGUMENT', `No signature has a tensor with the alias: ${alias}`);
  if (names.size === 1) return name;
  throw new ServingError('INVALID_ARGUMENT', `The alias ${alias} stands for several tensors: ${[...names].join(', ')}`);
}
