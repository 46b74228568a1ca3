/** Lets loads wait for resources, in turn. */
import type { ResourceEstimate } from '../loader/loader.js';
import { formatServableId, type ServableId } from '../servable/servable-id.js';
import { ServingError } from '../serving-error.js';
import type { ResourceLimits } from './resource-quantity.js';
import { insufficientResources, type ResourceShortage, ResourceTracker } from './resource-tracker.js';

/**
 * What a load does that does not fit, once no other load or unload is in flight: `fail` with `RESOURCE_EXHAUSTED`, or
 * `wait` until another version is unloaded, however long that takes. Other loads may go first.
 */
export type InsufficientResourcesPolicy = 'fail' | 'wait';

/** Loads or unloads are running, or only waiting for handles, or there are none. */
export type Activity = 'working' | 'waiting for handles' | 'none';

export interface ReservationQueueOptions {
  readonly limits: ResourceLimits;
  readonly policy: InsufficientResourcesPolicy;
  /** The loads and unloads in flight, whose end may free resources. */
  readonly activity: () => Activity;
  /** Called for each load that does not fit, before anything else is decided. May begin unloads. */
  readonly makeRoom?: ((shortage: ResourceShortage) => void) | undefined;
}

/** A demand that waits for its turn. */
export interface ReservationRequest {
  readonly id: ServableId;
  readonly estimate: ResourceEstimate;
  /** Ends the wait with `CANCELLED`. */
  readonly signal: AbortSignal;
  /** Called in the moment in which the resources are reserved. */
  readonly onReserved: () => void;
  /** Called with the reason whenever the request still waits while no load or unload is running. */
  readonly onDelayed: (error: ServingError) => void;
}

/**
 * First come, first served: while loads and unloads are at work, a demand that doesn't fit holds up those behind it. One
 * that waits for handles, which may take long, does not. One that wouldn't fit if everything else were unloaded fails at once.
 */
export class ReservationQueue {
  readonly tracker: ResourceTracker;
  readonly #options: ReservationQueueOptions;
  readonly #waiting = new Set<Waiting>();

  constructor(options: ReservationQueueOptions) {
    this.tracker = new ResourceTracker(options.limits);
    this.#options = options;
  }

  /**
   * Resolves when the resources are reserved. In any case, {@link release} is to be called in the end.
   *
   * @throws ServingError `RESOURCE_EXHAUSTED` by policy, naming who holds what is lacking; `CANCELLED`; `INVALID_ARGUMENT`.
   */
  reserve(request: ReservationRequest): Promise<void> {
    return new Promise((resolve, reject) => {
      const { id, signal } = request;
      const leave = (): void => {
        signal.removeEventListener('abort', cancel);
        this.#waiting.delete(waiting);
      };
      const waiting: Waiting = {
        request,
        admit: () => {
          leave();
          request.onReserved();
          resolve();
        },
        refuse: (error) => {
          leave();
          reject(error);
        },
      };
      const cancel = (): void =>
        waiting.refuse(new ServingError('CANCELLED', `Loading of servable ${formatServableId(id)} cancelled`));
      this.#waiting.add(waiting);
      signal.addEventListener('abort', cancel, { once: true });
      if (signal.aborted) cancel();
      else this.review();
    });
  }

  /** Returns what a version holds, if anything, and checks the waiting loads again. */
  release(id: ServableId): void {
    this.tracker.release(id);
    this.review();
  }

  /** To be called when a load or unload has come to its end. */
  review(): void {
    for (const waiting of [...this.#waiting]) {
      if (!this.#waiting.has(waiting)) continue;
      if (this.#decide(waiting) === 'hold up the others') return;
    }
  }

  #decide({ request, admit, refuse }: Waiting): 'next' | 'hold up the others' {
    const { activity, makeRoom, policy } = this.#options;
    let shortage: ResourceShortage | undefined;
    try {
      shortage = this.tracker.tryReserve(request.id, request.estimate);
      if (!shortage) admit();
      else if (shortage.needed <= shortage.limit) makeRoom?.(shortage);
    } catch (reason) {
      refuse(ServingError.from(reason));
      return 'next';
    }
    if (!shortage) return 'next';
    const error = insufficientResources(request.id, shortage);
    if (shortage.needed > shortage.limit) refuse(error);
    else if (activity() === 'working') return 'hold up the others';
    else if (activity() === 'waiting for handles' || policy === 'wait') request.onDelayed(error);
    else refuse(error);
    return 'next';
  }
}

interface Waiting {
  readonly request: ReservationRequest;
  readonly admit: () => void;
  readonly refuse: (error: ServingError) => void;
}
