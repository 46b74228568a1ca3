/** What the requests of a server share, and where its wire APIs find it. */
import { type Clock, systemClock } from '../clock.js';
import type { ModelSpec } from '../messages/model-spec.js';
import type { RequestSampler } from '../request-logging/server-request-logger.js';
import type { InferenceServable } from '../servable/inference-servable.js';
import type { ServableHandle } from '../servable/servable-handle.js';
import type { ServableId } from '../servable/servable-id.js';
import { DeadlineTimer } from './call-limits.js';

/** Where versions are had; a `ModelServer` is one. */
export interface HandleSource {
  /** See `ModelServer.getServableHandle`; the handle is released when the request is over. */
  getServableHandle(spec: ModelSpec): ServableHandle<InferenceServable>;
}

/** One per server. Requests of every API begin with it: see `InferenceCall.begin`. */
export interface PredictionService {
  readonly versions: HandleSource;
  /** Whether inputs must have the shapes that signatures declare. */
  readonly enforcesShapes: boolean;
  /** Ends waits at their deadlines. */
  readonly deadlines: DeadlineTimer;
  /** Where the sampler of logged requests is, while a model has a `loggingConfig`. */
  readonly requestLogger: { readonly sampler: RequestSampler | undefined };
}

/** A service that checks no shapes and logs nothing. @param clock of its deadlines */
function plainService(versions: HandleSource, clock: Clock): PredictionService {
  const deadlines = new DeadlineTimer(clock);
  return { versions, enforcesShapes: false, deadlines, requestLogger: { sampler: undefined } };
}

/** A service of one version that no manager has yet. Whatever is requested of it means that version, and nothing counts its calls. */
export function serviceOfVersion(id: ServableId, servable: InferenceServable): PredictionService {
  const release = (): void => undefined;
  const handle = { id, servable, release, [Symbol.dispose]: release };
  return plainService({ getServableHandle: () => handle }, systemClock);
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
  return (attached as PredictionService | undefined) ?? plainService(server, clock);
}
