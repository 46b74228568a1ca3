/** Where a request of any API begins: it finds the version, and holds it. */
import { type Clock, systemClock } from '../clock.js';
import type { ModelSpec } from '../messages/model-spec.js';
import type { RequestSampler } from '../request-logging/server-request-logger.js';
import { type GraphServable, isGraphServable } from '../servable/graph-servable.js';
import type { InferenceServable } from '../servable/inference-servable.js';
import type { ServableHandle } from '../servable/servable-handle.js';
import type { ServableId } from '../servable/servable-id.js';
import { DeadlineTimer } from './call-limits.js';
import { type Caller, InferenceCall, type ServiceContext, SessionRunCall } from './inference-call.js';

/** Where versions are had; a `ModelServer` is one. */
export interface HandleSource {
  /** See `ModelServer.getServableHandle`; the handle is released when the request is over. */
  getServableHandle(spec: ModelSpec): ServableHandle<InferenceServable>;
}

/** The same for servables of other kinds. */
interface AnyHandleSource {
  getServableHandle<T>(spec: ModelSpec, isExpected: (servable: unknown) => servable is T): ServableHandle<T>;
}

/** What a service is made of beside its source. All have defaults. */
export interface PredictionServiceOptions {
  /** Whether inputs must have the shapes that signatures declare. Default: false. */
  readonly enforceSignatureShapes?: boolean;
  /** Ends waits at their deadlines. Default: one of the machine's clock. */
  readonly deadlines?: DeadlineTimer;
  /** Where the sampler of logged requests is. Default: none. */
  readonly requestLogger?: { readonly sampler: RequestSampler | undefined };
}

/** One per server. Wire APIs find it with {@link predictionServiceOf}. */
export class PredictionService implements ServiceContext {
  readonly enforcesShapes: boolean;
  readonly deadlines: DeadlineTimer;
  readonly #source: HandleSource;
  readonly #requestLogger: { readonly sampler: RequestSampler | undefined } | undefined;

  constructor(source: HandleSource, options: PredictionServiceOptions = {}) {
    this.#source = source;
    this.enforcesShapes = options.enforceSignatureShapes ?? false;
    this.deadlines = options.deadlines ?? new DeadlineTimer(systemClock);
    this.#requestLogger = options.requestLogger;
  }

  get sampler(): RequestSampler | undefined {
    return this.#requestLogger?.sampler;
  }

  /**
   * Holds the version that a request means until the call is released.
   *
   * @param caller without one the request has no limits, and is not traced
   * @throws ServingError as `ModelServer.getServableHandle`
   */
  begin(spec: ModelSpec, caller?: Caller): InferenceCall {
    return new InferenceCall(this, this.#source.getServableHandle(spec), caller);
  }

  /** {@link begin} for a servable whose graph can be run. */
  beginGraph(spec: ModelSpec, caller?: Caller): SessionRunCall {
    const source = this.#source as HandleSource & AnyHandleSource;
    return new SessionRunCall(this, source.getServableHandle<GraphServable>(spec, isGraphServable), caller);
  }
}

/** A service of one version that no manager has yet. Whatever is requested of it means that version, and nothing counts its calls. */
export function serviceOfVersion(id: ServableId, servable: InferenceServable): PredictionService {
  const release = (): void => undefined;
  const handle = { id, servable, release, [Symbol.dispose]: release };
  return new PredictionService({ getServableHandle: () => handle });
}

/** Recognised across two copies of the package. */
const SERVICE = Symbol.for('@serving/core/prediction-service');

/** Has {@link predictionServiceOf} find the service of a server. */
export function attachPredictionService(server: object, service: PredictionService): void {
  Object.defineProperty(server, SERVICE, { value: service });
}

/**
 * The service of a server; a new one for an object that is none, as tests have them.
 *
 * @param clock of a new one; default: the machine's
 */
export function predictionServiceOf(server: HandleSource, clock: Clock = systemClock): PredictionService {
  const attached: unknown = Reflect.get(server, SERVICE);
  if (attached) return attached as PredictionService;
  return new PredictionService(server, { deadlines: new DeadlineTimer(clock) });
}
