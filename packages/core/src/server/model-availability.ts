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
  /** How to fix it, where that is known. */
  readonly hint: string | undefined;
  /** Each names the model, or the version that is to blame. At least one. */
  readonly reasons: readonly string[];
}

/** Called with the outcome of a poll, or without one where it is forgotten. */
export type PollListener = (model: string, outcome: PollOutcome | undefined) => void;

/** Combines the last poll of each base path with the states of the versions found there. */
export class ModelAvailability {
  readonly #monitor: ServableStateMonitor;
  readonly #onChanged: PollListener;
  readonly #looks = new Map<string, PollOutcome>();

  /** @param onChanged called when the outcome of a poll differs from the one before, or is forgotten */
  constructor(monitor: ServableStateMonitor, onChanged: PollListener = () => {}) {
    this.#monitor = monitor;
    this.#onChanged = onChanged;
  }

  /** The last poll of each model. */
  get polls(): ReadonlyMap<string, PollOutcome> {
    return this.#looks;
  }

  /** Replaces what was known of a model. Returns the problems that are new. */
  recordLook(model: string, outcome: PollOutcome): ServingError[] {
    const before = this.#looks.get(model);
    const known = new Set(this.problemsOf(model));
    this.#looks.set(model, outcome);
    if (before === undefined || !isSameOutcome(before, outcome)) this.#onChanged(model, outcome);
    return outcome.problems.filter(({ message }) => !known.has(message));
  }

  /** As if its base path had never been polled. */
  forgetLook(model: string): void {
    if (this.#looks.delete(model)) this.#onChanged(model, undefined);
  }

  /** What is wrong with a model's base path, the main reason first; nothing for one in order, or never polled. */
  problemsOf(model: string): string[] {
    return (this.#looks.get(model)?.problems ?? []).map(({ message }) => message);
  }

  /**
   * Whether the base path was polled, and each version found there is available or has failed to load, once at least.
   */
  isDecided(model: string): boolean {
    const look = this.#looks.get(model);
    return look?.versions.every((version) => isOutcome(this.#monitor.getState(model, version)?.state)) ?? false;
  }

  /**
   * Why a version of a model, or every version, is not available: the error of its load, or the problem of the base path.
   * `undefined` without either.
   */
  causeOfAbsence(model: string, version: Version | undefined): ServingError | undefined {
    const isMeant = ({ id, error }: ServableState): boolean =>
      error !== undefined && (version === undefined || id.version === version);
    const failed = this.#monitor.getVersionStates(model).find(({ state }) => isMeant(state));
    return failed?.state.error ?? this.#looks.get(model)?.problems[0];
  }

  /** `undefined` for a model that has one of the versions found available, and for one never polled. */
  failureOf(model: string): ModelFailure | undefined {
    const look = this.#looks.get(model);
    if (!look) return undefined;
    const states = look.versions.map((version) => this.#monitor.getState(model, version)?.state);
    if (states.some((state) => state?.managerState === 'available')) return undefined;
    const failed = states.filter((state) => state?.error !== undefined);
    if (failed.length > 0) {
      const hint = failed.find((state) => state?.error?.hint !== undefined)?.error?.hint;
      return { model, reasons: failed.map((state) => describeFailure(state!)), hint };
    }
    const { code, message, hint } = look.problems[0] ?? new ServingError('UNKNOWN', 'none of its versions was loaded');
    return { model, reasons: [`{name: ${model}} due to error: ${code}: ${message}`], hint };
  }

  /** The versions of a model that answer requests, highest first. */
  availableVersions(model: string): Version[] {
    const states = this.#monitor.getVersionStates(model);
    return states.filter(({ state }) => state.managerState === 'available').map(({ state }) => state.id.version);
  }
}

/** `UNKNOWN`, with TensorFlow Serving's words and every reason. Clients are sent the names alone: reasons reveal whether a path exists. */
export function didNotBecomeAvailable(what: 'model' | 'servable', failures: readonly ModelFailure[]): ServingError {
  const reasons = failures.flatMap((failure) => failure.reasons).join(', ');
  const message = `${failures.length} ${what}(s) did not become available`;
  const names = failures.map(({ model }) => `{name: ${model}}`).join(', ');
  const clientMessage = `${message}: {${names}} (the server's log says why)`;
  const hints = new Set(failures.flatMap(({ hint }) => hint ?? []));
  const hint = hints.size === 0 ? undefined : [...hints].join('; ');
  return new ServingError('UNKNOWN', `${message}: {${reasons}}`, { clientMessage, hint });
}

function isSameOutcome(a: PollOutcome, b: PollOutcome): boolean {
  return (
    a.kind === b.kind &&
    a.versions.length === b.versions.length &&
    a.versions.every((version, i) => version === b.versions[i]) &&
    a.problems.length === b.problems.length &&
    a.problems.every(({ code, message }, i) => code === b.problems[i]!.code && message === b.problems[i]!.message)
  );
}

function isOutcome(state: ServableState | undefined): boolean {
  return state?.managerState === 'available' || state?.error !== undefined;
}

function describeFailure({ id, error }: ServableState): string {
  return `${formatServableId(id)} due to error: ${error?.code}: ${error?.message}`;
}
