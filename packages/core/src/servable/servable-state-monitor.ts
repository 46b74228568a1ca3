/** Records the latest state of every version that a manager has published (TensorFlow Serving's `core/servable_state_monitor.h`). */
import type { Clock } from '../clock.js';
import { ServingError } from '../serving-error.js';
import { formatServableRequest, type ServableRequest } from './servable-request.js';
import type { ManagerState, ServableState } from './servable-state.js';
import { compareVersions, toVersion, type Version } from './version.js';

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

/** How much it records. */
export interface ServableStateMonitorOptions {
  /** Events that {@link ServableStateMonitor.boundedLog} keeps, the newest. Default 0. */
  readonly maxCountLogEvents?: number;
  /**
   * Versions of one stream that stay known after they ended, those that ended last; so a model that gets new versions for years
   * takes no more memory than that. Default 100.
   */
  readonly maxEndedVersionsPerStream?: number;
}

/** The changes that a server's monitor keeps, {@link ServableStateMonitorOptions.maxCountLogEvents}. */
export const LOGGED_STATES = 1000;

/** How long to wait for a state. */
export interface WaitOptions {
  /** Ends the wait with `CANCELLED`. */
  readonly signal?: AbortSignal;
  /** After so many milliseconds it is over: not reached, with no states. Default: no limit. */
  readonly timeoutMs?: number;
}

/**
 * Every event overwrites what was known of its version. A version that has ended stays known, with its error, until many
 * others of its stream have ended after it. So does a failed one that is tried again: it is `loading`, with the failure.
 */
export class ServableStateMonitor {
  readonly #clock: Clock;
  readonly #maxCountLogEvents: number;
  readonly #maxEndedVersionsPerStream: number;
  readonly #streams = new Map<string, Stream>();
  readonly #waits = new Set<() => void>();
  readonly #log: ServableStateAndTime[] = [];

  constructor(
    clock: Clock,
    { maxCountLogEvents = 0, maxEndedVersionsPerStream = 100 }: ServableStateMonitorOptions = {},
  ) {
    this.#clock = clock;
    this.#maxCountLogEvents = maxCountLogEvents;
    this.#maxEndedVersionsPerStream = maxEndedVersionsPerStream;
  }

  /** Records an event. Must be called before other subscribers. @param time default: now */
  record(state: ServableState, time: number = this.#clock.wallTime()): void {
    const { name, version } = state.id;
    let stream = this.#streams.get(name);
    if (!stream) {
      stream = { versions: new Map(), ended: new Set() };
      this.#streams.set(name, stream);
    }
    const stateAndTime = { state, time };
    stream.versions.set(version, stateAndTime);
    stream.ended.delete(version);
    if (state.managerState === 'end') stream.ended.add(version);
    this.#addToLog(stateAndTime);
    for (const look of [...this.#waits]) look();
    forgetEnded(stream, this.#maxEndedVersionsPerStream);
  }

  /** The newest events, the oldest of them first; at most `maxCountLogEvents`. */
  get boundedLog(): readonly ServableStateAndTime[] {
    return [...this.#log];
  }

  /** The last state of every version that is known. */
  get states(): ServableStateAndTime[] {
    return Array.from(this.#streams.values()).flatMap(({ versions }) => [...versions.values()]);
  }

  /** The last state of a version; `undefined` for an unknown one. */
  getState(name: string, version: Version): ServableStateAndTime | undefined {
    return this.#streams.get(name)?.versions.get(toVersion(version) ?? version);
  }

  /** The versions of a stream, highest first; empty for an unknown stream. */
  getVersionStates(name: string): ServableStateAndTime[] {
    return [...(this.#streams.get(name)?.versions.values() ?? [])].sort((a, b) =>
      compareVersions(b.state.id.version, a.state.id.version),
    );
  }

  /** The versions of every stream, highest first. */
  getAllServableStates(): ReadonlyMap<string, readonly ServableStateAndTime[]> {
    return new Map(Array.from(this.#streams.keys(), (name) => [name, this.getVersionStates(name)]));
  }

  /** The versions that have not ended, highest first, of every stream that has any. */
  getLiveServableStates(): ReadonlyMap<string, readonly ServableStateAndTime[]> {
    const live = new Map<string, readonly ServableStateAndTime[]>();
    for (const [name, versions] of this.getAllServableStates()) {
      const states = versions.filter(({ state }) => state.managerState !== 'end');
      if (states.length > 0) live.set(name, states);
    }
    return live;
  }

  /** Removes every version that has ended, and every stream that has no others. The log stays. */
  forgetUnloadedServableStates(): void {
    for (const [name, stream] of this.#streams) {
      forgetEnded(stream, 0);
      if (stream.versions.size === 0) this.#streams.delete(name);
    }
  }

  /**
   * Resolves when each request has reached `goal` or `end`, whichever comes first. A request without a version is met
   * by any version of its stream, searched from the highest (`latest`) or the lowest (`earliest`). No requests: at once, reached.
   * Each request must have reached it at the same time, when the last of them does.
   *
   * @throws ServingError `CANCELLED` when `signal` aborts.
   */
  waitUntilServablesReachState(
    requests: readonly ServableRequest[],
    goal: ManagerState,
    { signal, timeoutMs = Number.POSITIVE_INFINITY }: WaitOptions = {},
  ): Promise<WaitResult> {
    return new Promise((resolve, reject) => {
      let cancelTimer = (): void => {};
      const stop = (): void => {
        this.#waits.delete(look);
        cancelTimer();
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
      if (timeoutMs !== Number.POSITIVE_INFINITY) {
        const giveUp = (): void => {
          stop();
          resolve({ reached: false, states: [] });
        };
        cancelTimer = this.#clock.setTimer(giveUp, timeoutMs);
      }
      look();
    });
  }

  #addToLog(event: ServableStateAndTime): void {
    if (this.#maxCountLogEvents === 0) return;
    this.#log.push(event);
    if (this.#log.length > this.#maxCountLogEvents) this.#log.shift();
  }

  #decided({ name, version, choice }: ServableRequest, goal: ManagerState): ServableState | undefined {
    const states = this.getVersionStates(name).map(({ state }) => state);
    if (choice === 'earliest') states.reverse();
    const wanted = toVersion(version);
    return states.find(
      ({ id, managerState }) =>
        (version === undefined || id.version === wanted) && (managerState === goal || managerState === 'end'),
    );
  }
}

interface Stream {
  readonly versions: Map<Version, ServableStateAndTime>;
  /** In the order in which they ended. */
  readonly ended: Set<Version>;
}

function forgetEnded({ versions, ended }: Stream, kept: number): void {
  for (const version of ended) {
    if (ended.size <= kept) return;
    ended.delete(version);
    versions.delete(version);
  }
}
