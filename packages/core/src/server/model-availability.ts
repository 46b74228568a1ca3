/** Which models have a version to answer with, and why the others have none. */
import { formatServableId } from '../servable/servable-id.js';
import type { ServableState } from '../servable/servable-state.js';
import type { ServableStateMonitor } from '../servable/servable-state-monitor.js';
import type { Version } from '../servable/version.js';
import { ServingError } from '../serving-error.js';
import type { PollOutcome } from '../source/file-system-storage-path-source.js';

/** A model without a version to answer with. */
export interface ModelFailure {
  readonly model: string;
  /** Each names the model, or the version that is to blame. At least one. */
  readonly reasons: readonly string[];
}

/** Knows the last look at each base path, and asks the monitor what became of the versions found there. */
export class ModelAvailability {
  readonly #monitor: ServableStateMonitor;
  readonly #looks = new Map<string, PollOutcome>();

  constructor(monitor: ServableStateMonitor) {
    this.#monitor = monitor;
  }

  /** Replaces what was known of a model. Returns the problems that are new. */
  recordLook(model: string, outcome: PollOutcome): ServingError[] {
    const known = new Set(this.problemsOf(model));
    this.#looks.set(model, outcome);
    return outcome.problems.filter(({ message }) => !known.has(message));
  }

  /** As if its base path had never been looked at. */
  forgetLook(model: string): void {
    this.#looks.delete(model);
  }

  /** What is wrong with a model's base path, the main reason first; nothing for one in order, or never looked at. */
  problemsOf(model: string): string[] {
    return (this.#looks.get(model)?.problems ?? []).map(({ message }) => message);
  }

  /**
   * Whether the base path was looked at, and each version found there is available or has failed to load, once at least.
   */
  isDecided(model: string): boolean {
    const look = this.#looks.get(model);
    return look?.versions.every((version) => isOutcome(this.#monitor.getState(model, version)?.state)) ?? false;
  }

  /**
   * Why a version of a model, or any, can't be had: what its load failed with, or what is wrong with the base path.
   * `undefined` where neither is known of.
   */
  causeOfAbsence(model: string, version: Version | undefined): ServingError | undefined {
    const isMeant = ({ id, error }: ServableState): boolean =>
      error !== undefined && (version === undefined || id.version === version);
    const failed = this.#monitor.getVersionStates(model).find(({ state }) => isMeant(state));
    return failed?.state.error ?? this.#looks.get(model)?.problems[0];
  }

  /** `undefined` for a model that has one of the versions found available, and for one never looked at. */
  failureOf(model: string): ModelFailure | undefined {
    const look = this.#looks.get(model);
    if (!look) return undefined;
    const states = look.versions.map((version) => this.#monitor.getState(model, version)?.state);
    if (states.some((state) => state?.managerState === 'available')) return undefined;
    const reasons = states.flatMap((state) => (state?.error ? describeFailure(state) : []));
    if (reasons.length > 0) return { model, reasons };
    const { code, message } = look.problems[0] ?? new ServingError('UNKNOWN', 'none of its versions was loaded');
    return { model, reasons: [`{name: ${model}} due to error: ${code}: ${message}`] };
  }
}

/** `UNKNOWN`, with TensorFlow Serving's words and every reason. Clients are sent the names alone: reasons say whether a path exists. */
export function didNotBecomeAvailable(what: 'model' | 'servable', failures: readonly ModelFailure[]): ServingError {
  const reasons = failures.flatMap((failure) => failure.reasons).join(', ');
  const message = `${failures.length} ${what}(s) did not become available`;
  const names = failures.map(({ model }) => `{name: ${model}}`).join(', ');
  const clientMessage = `${message}: {${names}} (the server's log says why)`;
  return new ServingError('UNKNOWN', `${message}: {${reasons}}`, { clientMessage });
}

function isOutcome(state: ServableState | undefined): boolean {
  return state?.managerState === 'available' || state?.error !== undefined;
}

function describeFailure({ id, error }: ServableState): string {
  return `${formatServableId(id)} due to error: ${error?.code}: ${error?.message}`;
}
