/** Puts TensorFlow Serving's services on a server of grpc-js. */
import type { Server, ServiceDefinition, UntypedServiceImplementation } from '@grpc/grpc-js';
import { type Clock, type ExtensionModule, systemClock } from '@serving/core/extend';
import {
  checkModelServer,
  checkOptions,
  loadExtensions,
  type OptionsTable,
  optionKinds,
  sliceQueue,
} from '@serving/core/internal';
import type { FileDescriptor } from '@serving/protos/descriptors';
import type { FillOptions } from '@serving/protos/tensor';
import type { GrpcModelServer } from './grpc-model-server.js';
import { checkGoesOn } from './services/call-context.js';
import { HealthService, healthServiceDefinition } from './services/health-service.js';
import { ModelServiceImpl } from './services/model-service-impl.js';
import type { TensorContentRule } from './services/predict-method.js';
import { PredictionServiceImpl } from './services/prediction-service-impl.js';
import { ReflectionService, reflectionServiceDefinitions } from './services/reflection-service.js';
import { type MetricReader, type ReloadCompletion, ReloadMethod } from './services/reload-method.js';
import {
  modelServiceDefinition,
  predictionServiceDefinition,
  sessionServiceDefinition,
  unaryService,
} from './services/service-definitions.js';
import { SessionServiceImpl } from './services/session-service-impl.js';
import { UnaryHandlers, type UnaryMethod } from './services/unary-handler.js';

/** What the services offer and how they answer. All have defaults. */
export interface ServingServicesOptions extends FillOptions {
  /**
   * When Predict puts the numbers of its outputs as raw bytes into `tensor_content` (strings never are): always, never, or where
   * a request's input did so. Default `false`, as TensorFlow Serving's flag `enable_serialization_as_tensor_content`: many clients
   * read `float_val` and its like only. Floats and doubles cost the same either way; integers are smaller and faster as bytes.
   */
  readonly tensorContent?: TensorContentRule;
  /** Whether clients may replace the list of models (ModelService.HandleReloadConfigRequest). Default true, as in TensorFlow Serving. */
  readonly allowReload?: boolean;
  /** Completes the list of a reload, which has TensorFlow Serving's fields only: with the models' `options`. Default: taken as it is. */
  readonly completeReload?: ReloadCompletion;
  /** What HandleReloadConfigRequest asks for the metrics that a request names. Default: each has an increase of 0. */
  readonly readMetric?: MetricReader;
  /**
   * SessionService.SessionRun, by which clients run any part of a model's graph. Default false: TensorFlow Serving has the service but
   * doesn't offer it.
   */
  readonly sessionService?: boolean;
  /** The health service `grpc.health.v1.Health`. Default true. */
  readonly health?: boolean;
  /** The reflection services `grpc.reflection.v1` and `v1alpha`, which describe these services only. Default true. */
  readonly reflection?: boolean;
  /**
   * Modules that add further services to the same server, each with a function `createGrpcExtension` (see {@link GrpcExtension}).
   * Reflection lists those whose `.proto` files they bring. Default none.
   */
  readonly extensions?: readonly ExtensionModule[];
  /** Where time comes from; the model server's own, when it was given one. Default: the machine's. */
  readonly clock?: Clock;
}

/** Services beside TensorFlow Serving's. */
export interface GrpcExtension {
  readonly services: readonly GrpcExtensionService[];
  /** The `.proto` files of the services, which reflection then lists; the files that they import too. Default: none. */
  readonly files?: readonly FileDescriptor[];
  /** Called when the serving services close: ends the extension's streams, which would keep `server.tryShutdown` waiting. */
  close?(): void;
}

/** What `server.addService` of grpc-js takes. */
export interface GrpcExtensionService {
  readonly definition: ServiceDefinition;
  readonly implementation: UntypedServiceImplementation;
}

/** The function `createGrpcExtension` that the module of an extension exports. `options` are a copy of those given beside the module. */
export type CreateGrpcExtension = (
  server: GrpcModelServer,
  options: unknown,
  context: GrpcExtensionContext,
) => GrpcExtension;

/** What the serving services share with an extension. */
export interface GrpcExtensionContext {
  readonly clock: Clock;
  /**
   * Makes a service of methods that take and return bytes, by their names. What a method throws or rejects with becomes the status of
   * its `ServingError`.
   */
  unaryService(name: string, methods: Readonly<Record<string, GrpcExtensionMethod>>): GrpcExtensionService;
  /**
   * Does work on a large request in slices between which the event loop turns, one request after the other. Each `step` does about a
   * millisecond's part and returns whether that was the last one.
   *
   * @throws ServingError what the work failed with, `CANCELLED` when the client goes, `DEADLINE_EXCEEDED` when its deadline passes
   */
  inSlices<T>(
    work: { step(): boolean; readonly result: T },
    call: Pick<GrpcExtensionCall, 'isAborted' | 'deadline'>,
  ): Promise<T>;
}

/** A method of an extension. What goes wrong is a `ServingError`, thrown or rejected. */
export type GrpcExtensionMethod = (request: Uint8Array, call: GrpcExtensionCall) => Uint8Array | Promise<Uint8Array>;

/** What a call says of its client. */
export interface GrpcExtensionCall {
  /** Whether the client has cancelled the call already. */
  readonly isAborted: boolean;
  /** Aborts when the client cancels or is gone. */
  readonly signal: AbortSignal;
  /** The client's deadline as `Clock.now()` time; `undefined` for none. */
  readonly deadline: number | undefined;
  /** A value of the client's metadata, by its name in lower case. */
  header(name: string): string | undefined;
}

/** The options by name. */
export const servingServicesOptions: OptionsTable<ServingServicesOptions> = {
  tensorContent: {
    ...optionKinds.oneOf(true, false, 'as-requested'),
    type: "boolean or `'as-requested'`",
    default: false,
    meaning: 'outputs of Predict as raw bytes',
  },
  allowReload: {
    ...optionKinds.boolean,
    default: true,
    meaning:
      "clients may replace the list of models ([turn it off](../guides/security.md#access-control) where clients aren't trusted)",
  },
  completeReload: {
    ...optionKinds.callback,
    default: 'the list as it is',
    meaning:
      "adds to the list of a reload what TensorFlow Serving's form lacks, such as `options`: `(list) => list`, or a promise",
  },
  maxFilledBytes: {
    ...optionKinds.fromZero,
    default: 64 * 1024 ** 2,
    meaning:
      "memory that a request's tensors may take for values that it leaves out ([why](../guides/security.md#inputs))",
  },
  readMetric: {
    ...optionKinds.callback,
    default: 'increases of 0',
    meaning: 'values for the metrics that a reload names',
  },
  extensions: {
    ...optionKinds.list('`{ module, options }[]`', 'a list of { module, options }'),
    default: 'none',
    meaning: 'modules that add [services of your own](grpc.md#extensions)',
  },
  sessionService: { ...optionKinds.boolean, default: false, meaning: 'clients run any part of a graph' },
  health: { ...optionKinds.boolean, default: true, meaning: '`grpc.health.v1.Health`' },
  reflection: { ...optionKinds.boolean, default: true, meaning: 'for `grpcurl` and its like' },
  clock: {
    ...optionKinds.object('`Clock`', 'a clock, an object with now, wallTime, setTimer', 'now', 'wallTime', 'setTimer'),
    default: "the machine's",
    meaning: "the model server's own, when it was given one",
  },
};

/** Services on a server. */
export interface ServingServices extends Disposable {
  /**
   * Ends the streams of clients that watch the health of models or use reflection, which would keep `server.tryShutdown` waiting. Call
   * it before that. The services answer other calls still.
   */
  close(): void;
}

/**
 * Adds PredictionService, ModelService, health and reflection to the application's own server, beside what else that serves. Credentials,
 * interceptors and addresses are the application's, and so are limits: grpc-js takes requests of up to 4 MiB unless the server
 * was made with `'grpc.max_receive_message_length'`; with a higher one, `limitCompressedMessages` limits what a compressed request
 * inflates to. The model server stays the caller's, who closes it afterwards.
 *
 * @example
 * ```ts
 * const grpcServer = new Server({
 *   'grpc.max_receive_message_length': 1024 ** 3,
 *   'grpc.keepalive_time_ms': 30_000,
 *   interceptors: [limitCompressedMessages()],
 * });
 * addServingServices(grpcServer, modelServer);
 * grpcServer.bindAsync('0.0.0.0:8500', ServerCredentials.createInsecure(), () => undefined);
 * ```
 * @throws Error of grpc-js when the server has one of these services already, also for an extension that names one of them.
 * @throws ServingError `INVALID_ARGUMENT` for an extension that can't be loaded or constructed, for unknown options, and for a model
 * server that is none.
 */
export function addServingServices(
  grpcServer: Server,
  modelServer: GrpcModelServer,
  options: ServingServicesOptions = {},
): ServingServices {
  checkModelServer(modelServer, 'addServingServices()');
  checkOptions(options, servingServicesOptions, 'addServingServices()');
  return addServices(grpcServer, modelServer, options);
}

/** What takes services: a server of grpc-js, or a transport of ours. */
type ServiceTaker = Pick<Server, 'addService'>;

/**
 * {@link addServingServices} with options that are checked.
 *
 * @param reload HandleReloadConfigRequest. Default: replaces the model server's list here
 */
export function addServices(
  grpcServer: ServiceTaker,
  modelServer: GrpcModelServer,
  options: ServingServicesOptions,
  reload: UnaryMethod = reloadHere(modelServer, options),
): ServingServices {
  const { tensorContent = false, allowReload = true, health = true, reflection = true } = options;
  const { clock = systemClock, sessionService = false, maxFilledBytes, extensions = [] } = options;
  const extend = loadExtensions<GrpcModelServer, GrpcExtension, GrpcExtensionContext>(
    extensions,
    'createGrpcExtension',
  );
  const fill = maxFilledBytes === undefined ? {} : { maxFilledBytes };
  const handlers = new UnaryHandlers(modelServer, clock);
  const prediction = new PredictionServiceImpl(modelServer, tensorContent, fill);
  grpcServer.addService(predictionServiceDefinition, {
    Classify: handlers.of((request, call) => prediction.classify(request, call), 'Classify'),
    Regress: handlers.of((request, call) => prediction.regress(request, call), 'Regress'),
    Predict: handlers.of((request, call) => prediction.predict(request, call), 'Predict'),
    MultiInference: handlers.of((request, call) => prediction.multiInference(request, call), 'MultiInference'),
    GetModelMetadata: handlers.of((request, call) => prediction.getModelMetadata(request, call), 'GetModelMetadata'),
  });
  const model = new ModelServiceImpl(modelServer);
  grpcServer.addService(modelServiceDefinition, {
    GetModelStatus: handlers.of((request, call) => model.getModelStatus(request, call), 'GetModelStatus'),
    ...(allowReload && { HandleReloadConfigRequest: handlers.of(reload) }),
  });
  if (sessionService) {
    const session = new SessionServiceImpl(modelServer, fill);
    grpcServer.addService(sessionServiceDefinition, {
      SessionRun: handlers.of((request, call) => session.sessionRun(request, call)),
    });
  }
  const extended = extend.map((create) => create(modelServer, extensionContext(handlers, clock)));
  const watched = health ? addHealth(grpcServer, modelServer, extended.flatMap(serviceNames)) : undefined;
  const reflected = reflection ? addReflection(grpcServer, extended, { health, sessionService }) : undefined;
  for (const { services } of extended) {
    for (const { definition, implementation } of services) grpcServer.addService(definition, implementation);
  }
  const close = (): void => {
    for (const extension of extended) extension.close?.();
    watched?.[Symbol.dispose]();
    reflected?.[Symbol.dispose]();
  };
  return { close, [Symbol.dispose]: close };
}

function reloadHere(modelServer: GrpcModelServer, options: ServingServicesOptions): UnaryMethod {
  const method = new ReloadMethod(modelServer, options);
  return (request) => method.handle(request);
}

function extensionContext(handlers: UnaryHandlers, clock: Clock): GrpcExtensionContext {
  return {
    clock,
    inSlices: (work, call) => sliceQueue.run(work, () => checkGoesOn(call, clock)),
    unaryService: (name, methods) => ({
      definition: unaryService(name, Object.keys(methods)),
      implementation: Object.fromEntries(
        Object.entries(methods).map(([method, answer]) => [method, handlers.of(answer)]),
      ),
    }),
  };
}

/** The full names of the services that an extension adds. */
function serviceNames({ services }: GrpcExtension): string[] {
  const paths = services.flatMap(({ definition }) => Object.values(definition).map(({ path }) => path));
  return [...new Set(paths.map((path) => path.slice(1, path.lastIndexOf('/'))))];
}

function addHealth(grpcServer: ServiceTaker, modelServer: GrpcModelServer, services: readonly string[]): HealthService {
  const service = new HealthService(modelServer, services);
  grpcServer.addService(healthServiceDefinition, { Check: service.check, List: service.list, Watch: service.watch });
  return service;
}

function addReflection(
  grpcServer: ServiceTaker,
  extensions: readonly GrpcExtension[],
  { health, sessionService }: { readonly health: boolean; readonly sessionService: boolean },
): ReflectionService {
  const service = new ReflectionService(
    [
      'tensorflow.serving.PredictionService',
      'tensorflow.serving.ModelService',
      ...(sessionService ? ['tensorflow.serving.SessionService'] : []),
      ...extensions.filter(({ files = [] }) => files.length > 0).flatMap(serviceNames),
      ...(health ? ['grpc.health.v1.Health'] : []),
      'grpc.reflection.v1.ServerReflection',
      'grpc.reflection.v1alpha.ServerReflection',
    ],
    extensions.flatMap(({ files = [] }) => files),
  );
  for (const definition of reflectionServiceDefinitions) {
    grpcServer.addService(definition, { ServerReflectionInfo: service.info });
  }
  return service;
}
