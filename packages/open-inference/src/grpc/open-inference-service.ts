/** `inference.GRPCInferenceService`, as an extension of the gRPC services. */
import { ServingError } from '@serving/core';
import type { GrpcExtensionCall, GrpcExtensionContext, GrpcExtensionService } from '@serving/grpc';
import { type InferContext, InferRequestCall } from '../infer/infer-call.js';
import { modelMetadata, serverMetadata } from '../models/metadata.js';
import { modelStatistics } from '../models/model-statistics.js';
import { checkControlParameters, controlOf, loadModel, repositoryIndex, unloadModel } from '../models/repository.js';
import { type RequestedModel, requestedVersion } from '../models/requested-model.js';
import { canBeTyped, decodeInferRequestMessage, encodeInferResponseMessage } from './infer-messages.js';
import { decodeFields, encodeFields, type MessageSpec, type SmallMessage } from './message-codec.js';

/** The full name of the service. */
const SERVICE_NAME = 'inference.GRPCInferenceService';

/** Makes the service. */
export function openInferenceService(
  context: InferContext,
  allowsModelControl: boolean,
  unaryService: GrpcExtensionContext['unaryService'],
): GrpcExtensionService {
  const { catalog } = context;
  const change = async (kind: 'load' | 'unload', request: Uint8Array): Promise<Uint8Array> => {
    const { repository_name, model_name, parameters } = decoded(() => decodeFields(specs.control, request));
    refuseRepository(repository_name);
    checkControlParameters(kind, parameters as Readonly<Record<string, unknown>>);
    const control = controlOf(catalog, allowsModelControl);
    await (kind === 'load' ? loadModel : unloadModel)(catalog, control, String(model_name));
    return new Uint8Array(0);
  };
  const model = (request: Uint8Array): RequestedModel => modelOf(decoded(() => decodeFields(specs.model, request)));
  return unaryService(SERVICE_NAME, {
    ServerLive: () => encodeFields(specs.flag, { flag: true }),
    ServerReady: () => encodeFields(specs.flag, { flag: catalog.serverReadiness(false).ready }),
    ModelReady: (request) => encodeFields(specs.flag, { flag: catalog.modelReadiness(model(request)).ready }),
    ServerMetadata: () => encodeFields(specs.serverMetadata, serverMetadata),
    ModelMetadata: (request) => encodeFields(specs.modelMetadata, modelMetadata(catalog, model(request), undefined)),
    ModelInfer: (request, call) => infer(context, request, call),
    ModelStatistics: (request) => {
      const spec = decoded(() => decodeFields(specs.model, request));
      const asked = spec.name === '' ? undefined : modelOf(spec);
      return encodeFields(specs.statistics, { model_stats: modelStatistics(catalog, asked) });
    },
    RepositoryIndex: (request) => {
      const { repository_name, ready } = decoded(() => decodeFields(specs.index, request));
      refuseRepository(repository_name);
      return encodeFields(specs.entries, { models: repositoryIndex(catalog, ready === true) });
    },
    RepositoryModelLoad: (request) => change('load', request),
    RepositoryModelUnload: (request) => change('unload', request),
  });
}

async function infer(context: InferContext, bytes: Uint8Array, caller: GrpcExtensionCall): Promise<Uint8Array> {
  const { model, version, read, isRaw } = decoded(() => decodeInferRequestMessage(bytes));
  const spec = version === '' ? { model } : requestedVersion(model, version);
  const call = new InferRequestCall(context, spec, new GrpcOrigin(caller));
  try {
    call.begin();
    const { response, binaryOutput = isRaw } = await call.run(decoded(read));
    const message = encodeInferResponseMessage(response, binaryOutput || !canBeTyped(response));
    call.finish();
    return message;
  } catch (reason) {
    throw call.fail(reason);
  }
}

/** The client of a call. Its signal and deadline are made when they are first read. */
class GrpcOrigin {
  readonly headers: GrpcExtensionCall;

  constructor(call: GrpcExtensionCall) {
    this.headers = call;
  }

  get isAborted(): boolean {
    return this.headers.isAborted;
  }

  get signal(): AbortSignal {
    return this.headers.signal;
  }

  get deadline(): number | undefined {
    return this.headers.deadline;
  }
}

function decoded<Message>(decode: () => Message): Message {
  try {
    return decode();
  } catch (reason) {
    if (reason instanceof ServingError) throw reason;
    throw ServingError.invalidArgument(`The request is not a message: ${ServingError.from(reason).message}`, {
      cause: reason,
    });
  }
}

function modelOf({ name, version }: SmallMessage): RequestedModel {
  const model = String(name);
  return version === '' ? { model } : requestedVersion(model, String(version));
}

function refuseRepository(name: unknown): void {
  if (name === '') return;
  throw new ServingError(
    'UNIMPLEMENTED',
    'The server has one repository, which has no name: leave repository_name out',
  );
}

const duration: MessageSpec = { count: [1, 'count'], ns: [2, 'count'] };
const tensorMetadata: MessageSpec = { name: [1, 'text'], datatype: [2, 'text'], shape: [3, 'sizes'] };

/** The messages; those of requests have texts, flags and parameters only. */
const specs = {
  flag: { flag: [1, 'flag'] },
  model: { name: [1, 'text'], version: [2, 'text'] },
  index: { repository_name: [1, 'text'], ready: [2, 'flag'] },
  control: { repository_name: [1, 'text'], model_name: [2, 'text'], parameters: [3, 'parameters'] },
  serverMetadata: { name: [1, 'text'], version: [2, 'text'], extensions: [3, 'texts'] },
  modelMetadata: {
    name: [1, 'text'],
    versions: [2, 'texts'],
    platform: [3, 'text'],
    inputs: [4, 'messages', tensorMetadata],
    outputs: [5, 'messages', tensorMetadata],
    properties: [6, 'strings'],
  },
  entries: {
    models: [1, 'messages', { name: [1, 'text'], version: [2, 'text'], state: [3, 'text'], reason: [4, 'text'] }],
  },
  statistics: {
    model_stats: [
      1,
      'messages',
      {
        name: [1, 'text'],
        version: [2, 'text'],
        last_inference: [3, 'count'],
        inference_count: [4, 'count'],
        execution_count: [5, 'count'],
        inference_stats: [
          6,
          'message',
          {
            success: [1, 'message', duration],
            fail: [2, 'message', duration],
            queue: [3, 'message', duration],
            compute_input: [4, 'message', duration],
            compute_infer: [5, 'message', duration],
            compute_output: [6, 'message', duration],
            cache_hit: [7, 'message', duration],
            cache_miss: [8, 'message', duration],
          },
        ],
        batch_stats: [
          7,
          'messages',
          {
            batch_size: [1, 'count'],
            compute_input: [2, 'message', duration],
            compute_infer: [3, 'message', duration],
            compute_output: [4, 'message', duration],
          },
        ],
      },
    ],
  },
} as const satisfies Readonly<Record<string, MessageSpec>>;
