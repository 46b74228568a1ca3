/** The state of a model's versions, as TensorFlow Serving's ModelService reports it. */

import { nameHint } from '../nearest-name.js';
import type { ManagerState, ServableState } from '../servable/servable-state.js';
import type { ServableStateAndTime } from '../servable/servable-state-monitor.js';
import type { Version } from '../servable/version.js';
import { ServingError } from '../serving-error.js';
import type { StatusCode } from '../status-code.js';

/** State names on the wire (`get_model_status.proto`). */
export type ModelVersionState = 'UNKNOWN' | 'START' | 'LOADING' | 'AVAILABLE' | 'UNLOADING' | 'END';

/** One version. The status of an unloaded version is `OK`; a failed
 * one, and one whose load failed and will be retried, has the load's error. */
export interface ModelVersionStatus {
  readonly version: Version;
  readonly state: ModelVersionState;
  /** `OK` with an empty message, or the code and message of what the load failed with. */
  readonly status: { readonly errorCode: StatusCode; readonly errorMessage: string };
  /** The engine that runs it, such as `tensorflow` or `onnx`, while it is available. TensorFlow Serving's APIs don't send it. */
  readonly engine?: string;
}

/**
 * Of all versions known, or of the requested one. `problems` are the reasons why there may be none; clients are not sent them, since
 * they say whether a path exists.
 *
 * @throws ServingError `NOT_FOUND`
 */
export function findModelVersionStatuses(
  { model, version }: { readonly model: string; readonly version: Version | undefined },
  known: readonly ServableStateAndTime[],
  problems: readonly string[],
  models: readonly string[],
): ModelVersionStatus[] {
  if (known.length === 0 && version === undefined) {
    const hint = models.includes(model) ? undefined : nameHint(String(model), models, 'Models');
    throw notFound(`Could not find any versions of model ${model}`, problems, hint);
  }
  const asked = version === undefined ? known : known.filter(({ state }) => state.id.version === version);
  if (asked.length === 0) {
    const versions = known.map(({ state }) => state.id.version);
    const hint = versions.length === 0 ? undefined : `Versions known: ${versions.slice(0, 20).join(', ')}`;
    throw notFound(`Could not find version ${version} of model ${model}`, versions.length === 0 ? problems : [], hint);
  }
  return asked.map(({ state }) => modelVersionStatus(state));
}

function notFound(what: string, problems: readonly string[], hint: string | undefined): ServingError {
  if (problems.length === 0) return ServingError.notFound(what, { hint });
  const clientMessage = `${what}: none was found at its base path (the server's log says why)`;
  return ServingError.notFound([what, ...problems].join(': '), { clientMessage, hint });
}

/** The status of a version, by its last published state. */
function modelVersionStatus({ id, managerState, error, engine }: ServableState): ModelVersionStatus {
  return {
    version: id.version,
    state: wireStates[managerState],
    status: { errorCode: error?.code ?? 'OK', errorMessage: error?.message ?? '' },
    ...(engine !== undefined && { engine }),
  };
}

const wireStates: Readonly<Record<ManagerState, ModelVersionState>> = {
  start: 'START',
  loading: 'LOADING',
  available: 'AVAILABLE',
  unloading: 'UNLOADING',
  end: 'END',
};
