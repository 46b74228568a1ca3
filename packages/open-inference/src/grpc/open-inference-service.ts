/** `inference.GRPCInferenceService`, as an extension of the gRPC services. */
import { ServingError } from '@serving/core';
import type { GrpcExtensionCall, GrpcExtensionContext, GrpcExtensionService } from '@serving/grpc';
import { type InferContext, InferRequestCall } from '../infer/infer-call.js';
import { modelMetadata, serverMetadata } from '../models/metadata.js';
import { modelStatistics } from '../models/model-statistics.js';
import { checkControlParameters, controlOf, loadModel, repositoryIndex, unloadModel } from '../models/repository.js';
import { type RequestedModel, requestedVersion } from '../models/requested-model.js';
import { readInferRequest, readInferRequestMessage } from './infer-request-message.js';
import { canBeTyped, encodeInferResponseMessage } from './infer-response-message.js';
import { decodeFields, encodeFields, type SmallMessage } from './message-codec.js';
import { MessageReading, parse } from './message-reading.js';
import { SERVICE_NAME, specs } from './service-messages.js';

/** Makes the service. */
export function openInferenceService(
  context: InferContext,
  allowsModelControl: boolean,
  { unaryService, inSlices }: Pick<GrpcExtensionContext, 'unaryService' | 'inSlices'>,
): GrpcExtensionService {
  const { catalog } = context;
  const change = async (kind: 'load' | 'unload', request: Uint8Array): Promise<Uint8Array> => {
    const { repository_name, model_name, parameters } = parse(() => decodeFields(specs.control, request));
    refuseRepository(repository_name);
    checkControlParameters(kind, parameters as Readonly<Record<string, unknown>>);
    const control = controlOf(catalog, allowsModelControl);
    await (kind === 'load' ? loadModel : unloadModel)(catalog, control, String(model_name));
    return new Uint8Array(0);
  };
  const model = (request: Uint8Array): RequestedModel => modelOf(parse(() => decodeFields(specs.model, request)));
  return unaryService(SERVICE_NAME, {
    ServerLive: () => encodeFields(specs.flag, { flag: true }),
    ServerReady: () => encodeFields(specs.flag, { flag: catalog.serverReadiness(false).ready }),
    ModelReady: (request) => encodeFields(specs.flag, { flag: catalog.modelReadiness(model(request)).ready }),
    ServerMetadata: () => encodeFields(specs.serverMetadata, serverMetadata),
    ModelMetadata: (request) => encodeFields(specs.modelMetadata, modelMetadata(catalog, model(request), undefined)),
    ModelInfer: (request, call) => infer(context, request, call, inSlices),
    ModelStatistics: async (request) => {
      const spec = parse(() => decodeFields(specs.model, request));
      const asked = spec.name === '' ? undefined : modelOf(spec);
      return encodeFields(specs.statistics, { model_stats: await modelStatistics(context, asked) });
    },
    RepositoryIndex: (request) => {
      const { repository_name, ready } = parse(() => decodeFields(specs.index, request));
      refuseRepository(repository_name);
      return encodeFields(specs.entries, { models: repositoryIndex(catalog, ready === true) });
    },
    RepositoryModelLoad: (request) => change('load', request),
    RepositoryModelUnload: (request) => change('unload', request),
  });
}

async function infer(
  context: InferContext,
  bytes: Uint8Array,
  caller: GrpcExtensionCall,
  inSlices: GrpcExtensionContext['inSlices'],
): Promise<Uint8Array> {
  const reading = new MessageReading(bytes, caller, inSlices);
  const parts = reading.run((pace) => readInferRequestMessage(pace, bytes));
  const message = parts instanceof Promise ? await parts : parts;
  const { model, version, inputs, raw } = message;
  const spec = version === '' ? { model } : requestedVersion(model, version);
  const call = new InferRequestCall(context, spec, new GrpcOrigin(caller));
  try {
    call.begin();
    const read = reading.run((pace) => readInferRequest(pace, message));
    const request = call.check(read instanceof Promise ? await read : read);
    const running = call.predict(request);
    const response = call.answer(request, running instanceof Promise ? await running : running);
    const isRaw = raw.length > 0 || inputs.length === 0;
    const { binaryOutput = isRaw } = request.choice.parameters;
    const answer = encodeInferResponseMessage(response, binaryOutput || !canBeTyped(response));
    call.finish();
    return answer;
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
