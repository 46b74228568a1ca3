/** Knows the latest state of every version that a manager has spoken of (TensorFlow Serving's `core/servable_state_monitor.h`). */
import type { Clock } from '../clock.js';
import { ServingError } from '../serving-error.js';
import { formatServableRequest, type ServableRequest } from './servable-request.js';
import type { ManagerState, ServableState } from './servable-state.js';

/** A state and when it was published. */
export interface ServableStateAndTime {
  readonly state: ServableState;
  /** {@link Clock.wallTime} of the event. */
  readonly time: number;
}

/** What became of a wait: whether every request reached the goal, and the version and state that decided each. */
export interface WaitResult {
  readonly reached: boolean;
  readonly states: readonly ServableState[];
}

/**
 * Every event overwrites what was known of its version. A version that has ended stays known, with its error. So does a failed
 * one that is tried again: it is `loading`, with the failure.
 */
export class ServableStateMonitor {
  readonly #clock: Clock;
  readonly #streams = new Map<string, Map<number, ServableStateAndTime>>();
  readonly #waits = new Set<() => void>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Takes an event. To be called before anybody else hears of it. */
  record(state: ServableState): void {
    const { name, version } = state.id;
    let versions = this.#streams.get(name);
    if (!versions) {
      versions = new Map();
      this.#streams.set(name, versions);
    }
    versions.set(version, { state, time: this.#clock.wallTime() });
    for (const look of [...this.#waits]) look();
  }

  /** The last state of a version; `undefined` for one never heard of. */
  getState(name: string, version: number): ServableStateAndTime | undefined {
    return this.#streams.get(name)?.get(version);
  }

  /** The versions of a stream, highest first; empty for a stream never heard of. */
  getVersionStates(name: string): ServableStateAndTime[] {
    return [...(this.#streams.get(name)?.values() ?? [])].sort((a, b) => b.state.id.version - a.state.id.version);
  }

  /**
   * Resolves when each request has reached `goal` or `end`, whichever comes first. A request without a version is met
   * by any version of its stream, looked at from the highest (`latest`) or the lowest (`earliest`). No requests: at once, reached.
   *
   * @throws ServingError `CANCELLED` when `signal` aborts.
   */
  waitUntilServablesReachState(
    requests: readonly ServableRequest[],
    goal: ManagerState,
    { signal }: { readonly signal?: AbortSignal } = {},
  ): Promise<WaitResult> {
    return new Promise((resolve, reject) => {
      const stop = (): void => {
        this.#waits.delete(look);
        signal?.removeEventListener('abort', abort);
      };
      const abort = (): void => {
        stop();
        const wanted = requests.map(formatServableRequest).join(', ');
        reject(new ServingError('CANCELLED', `Waiting for ${wanted} to be ${goal} was cancelled`));
      };
      const look = (): void => {
        const states: ServableState[] = [];
        for (const request of requests) {
          const state = this.#decided(request, goal);
          if (!state) return;
          states.push(state);
        }
        stop();
        resolve({ reached: states.every((state) => state.managerState === goal), states });
      };
      if (signal?.aborted) return abort();
      signal?.addEventListener('abort', abort, { once: true });
      this.#waits.add(look);
      look();
    });
  }

  #decided({ name, version, choice }: ServableRequest, goal: ManagerState): ServableState | undefined {
    const states = this.getVersionStates(name).map(({ state }) => state);
    if (choice === 'earliest') states.reverse();
    return states.find(
      ({ id, managerState }) =>
        (version === undefined || id.version === version) && (managerState === goal || managerState === 'end'),
    );
  }
}
