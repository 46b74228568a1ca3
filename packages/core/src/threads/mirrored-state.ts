/** The state of a model server that every serving thread has, as plain data. */
import type { BatchingOptions, ModelBatchingOptions } from '../batching/batching-options.js';
import type { ServableId } from '../servable/servable-id.js';
import type { ManagerState, ServableState } from '../servable/servable-state.js';
import type { ServableStateAndTime } from '../servable/servable-state-monitor.js';
import type { Version } from '../servable/version.js';
import type { ConfiguredModel } from '../server/model-control.js';
import type { ModelServerState } from '../server/model-server-events.js';
import type { PollOutcome } from '../source/file-system-storage-path-source.js';
import { fromPlainError, type PlainError, toPlainError } from './plain-error.js';

/** A model of the list that is in place. */
export interface MirroredModel extends ConfiguredModel {
  readonly name: string;
  /** Its batching options. */
  readonly batching: ModelBatchingOptions | false | undefined;
  readonly isParked: boolean;
  /** The share of its requests that is logged. */
  readonly samplingRate: number;
}

/** A {@link ServableState}. */
export interface PlainServableState {
  readonly id: ServableId;
  readonly managerState: ManagerState;
  readonly engine?: string;
  readonly error?: PlainError;
  /** When it changed, in milliseconds since the epoch. */
  readonly time: number;
  /** Estimated bytes that the versions of its model hold. */
  readonly memory: ReadonlyMap<Version, number>;
}

/** The outcome of a poll; `undefined` for a model that counts as never polled. */
export interface PlainPollOutcome {
  readonly model: string;
  readonly outcome?: Omit<PollOutcome, 'problems'> & { readonly problems: readonly PlainError[] };
}

/** The call `setLabel`. */
export interface SetLabelMessage {
  readonly name: string;
  readonly label: string;
  readonly version: Version | undefined;
}

/** Where the model server is in its life. */
export interface MirroredLifecycle {
  readonly state: ModelServerState;
  /** Whether requests are taken. */
  readonly isOpen: boolean;
}

/** What does not change. */
export interface MirroredConfig {
  readonly allowVersionLabels: boolean;
  readonly enforceSignatureShapes: boolean;
  readonly maxKeptBytes: number;
  /** The server's, already a thread's share. */
  readonly batching: BatchingOptions;
  /** Whether the server batches models without an option for it. */
  readonly isBatched: boolean;
  /** Whether there is a source of configurations to read. */
  readonly hasConfigSource: boolean;
  /** How many threads limits are divided by. */
  readonly threads: number;
}

/** What a thread is started with. */
export interface ThreadStart extends MirroredServer {
  readonly config: MirroredConfig;
  /** The module by which it duplicates descriptors. */
  readonly supportModule: string;
}

/** What changes while it serves; each change is sent. */
export interface MirroredServer {
  readonly lifecycle: MirroredLifecycle;
  readonly models: readonly MirroredModel[];
  readonly states: readonly PlainServableState[];
  readonly polls: readonly PlainPollOutcome[];
}

export function toPlainState(
  { state: { error, ...state }, time }: ServableStateAndTime,
  memory: ReadonlyMap<Version, number>,
): PlainServableState {
  return { ...state, time, memory, ...(error && { error: toPlainError(error) }) };
}

export function fromPlainState({ error, time: _time, memory: _memory, ...state }: PlainServableState): ServableState {
  return { ...state, ...(error && { error: fromPlainError(error) }) };
}

export function toPlainPoll(model: string, outcome: PollOutcome | undefined): PlainPollOutcome {
  if (outcome === undefined) return { model };
  return { model, outcome: { ...outcome, problems: outcome.problems.map(toPlainError) } };
}

export function fromPlainPoll({ outcome }: PlainPollOutcome): PollOutcome | undefined {
  return outcome && { ...outcome, problems: outcome.problems.map(fromPlainError) };
}
