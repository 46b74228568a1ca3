/** The configured models and their versions, as the pages show them. */
import type { ModelVersionStatus } from '@serving/core';
import { type ModelControl, modelControlOf } from '@serving/core/internal';
import type { RestModelServer } from '@serving/http';
import type { ModelInfo, VersionInfo } from '../api/console-api.js';
import { type StateAtTime, stateName } from '../events/state-text.js';
import { policyText } from './policy-text.js';
import { loadMsOf, timelineOf, timelines } from './version-timeline.js';

/** Reads a server when it is asked. */
export class ModelInfos {
  readonly #server: RestModelServer;
  readonly #control: ModelControl | undefined;

  constructor(server: RestModelServer) {
    this.#server = server;
    this.#control = modelControlOf(server);
  }

  /** In the order of the configuration. */
  get names(): readonly string[] {
    return this.#server.modelNames ?? [];
  }

  /** Of these models, as far as they are configured. */
  of(names: readonly string[]): ModelInfo[] {
    const changes = timelines(this.#control?.recentStates() ?? []);
    const known = new Set(this.names);
    return names.filter((name) => known.has(name)).map((name) => this.#infoOf(name, changes));
  }

  #infoOf(name: string, changes: ReadonlyMap<string, readonly StateAtTime[]>): ModelInfo {
    const control = this.#control;
    const model = control?.find(name);
    const labels = Array.from(model?.versionLabels ?? [], ([label, version]) => [label, String(version)] as const);
    const isParked = control?.isParked(name) ?? false;
    const policy = model && policyText(model.versionPolicy);
    const context = { name, labels, isParked, policy, memory: control?.memoryOf(name), changes };
    const versions = control
      ? control.versionStates(name).map((last) => versionInfo(last, context))
      : statusesOf(this.#server, name).map((status) => plainVersionInfo(status));
    const defaultVersion = versions.find(({ state }) => state === 'AVAILABLE')?.version;
    return {
      name,
      ...(model && { platform: model.platform }),
      ...(policy !== undefined && { policy }),
      isBatched: control?.isBatched(name) ?? false,
      isParked,
      labels: Object.fromEntries(labels),
      ...(defaultVersion !== undefined && { defaultVersion }),
      problems: control?.problemsOf(name) ?? [],
      versions,
    };
  }
}

interface VersionContext {
  readonly name: string;
  readonly labels: readonly (readonly [label: string, version: string])[];
  readonly isParked: boolean;
  readonly policy: string | undefined;
  readonly memory: ReadonlyMap<number | bigint, number> | undefined;
  readonly changes: ReadonlyMap<string, readonly StateAtTime[]>;
}

function versionInfo({ state, time }: StateAtTime, context: VersionContext): VersionInfo {
  const { id, error, engine } = state;
  const version = String(id.version);
  const history = timelineOf(context.changes, id);
  const memoryBytes = context.memory?.get(id.version);
  const loadMs = loadMsOf(history);
  const why = whyOf({ state, time }, context);
  return {
    version,
    state: stateName(state),
    since: time,
    ...(error && { error: { code: error.code, message: error.message } }),
    ...(why !== undefined && { why }),
    ...(engine !== undefined && { engine }),
    labels: context.labels.filter(([, labelled]) => labelled === version).map(([label]) => label),
    ...(loadMs !== undefined && { loadMs }),
    ...(memoryBytes !== undefined && { memoryBytes }),
    timeline: history.map((change) => ({
      time: change.time,
      state: stateName(change.state),
      ...(change.state.error && { error: change.state.error.message }),
    })),
  };
}

/** A server that keeps no history, as in tests and in threads. */
function plainVersionInfo({ version, state, status, engine }: ModelVersionStatus): VersionInfo {
  const isFailed = status.errorCode !== 'OK';
  return {
    version: String(version),
    state: state === 'UNKNOWN' ? 'START' : state,
    since: 0,
    ...(isFailed && { error: { code: status.errorCode, message: status.errorMessage } }),
    ...(engine !== undefined && { engine }),
    labels: [],
    timeline: [],
  };
}

function whyOf({ state }: StateAtTime, { isParked, policy }: VersionContext): string | undefined {
  const { managerState, error } = state;
  if (error !== undefined) return managerState === 'end' ? 'failed' : 'waits or is tried again';
  const isLeaving = managerState === 'unloading' || managerState === 'end';
  if (isLeaving && isParked) return 'unloaded by request';
  if (policy === undefined) return undefined;
  return isLeaving ? `not among the versions of the policy "${policy}"` : `chosen by the policy "${policy}"`;
}

function statusesOf(server: RestModelServer, model: string): readonly ModelVersionStatus[] {
  try {
    return server.getModelStatus({ model });
  } catch {
    return [];
  }
}
