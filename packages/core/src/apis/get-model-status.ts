/** The state of a model's versions, as TensorFlow Serving's ModelService reports it. */
import type { ManagerState, ServableState } from '../servable/servable-state.js';
import type { StatusCode } from '../status-code.js';

/** State names on the wire (`get_model_status.proto`). */
export type ModelVersionState = 'UNKNOWN' | 'START' | 'LOADING' | 'AVAILABLE' | 'UNLOADING' | 'END';

/** One version. The status of an unloaded version is `OK`; a failed
 * one, and one whose load failed and will be retried, has the load's error. */
export interface ModelVersionStatus {
  readonly version: number;
  readonly state: ModelVersionState;
  readonly status: { readonly errorCode: StatusCode; readonly errorMessage: string };
}

/** What the status of a version says, by its last published state. */
export function modelVersionStatus({ id, managerState, error }: ServableState): ModelVersionStatus {
  return {
    version: id.version,
    state: wireStates[managerState],
    status: { errorCode: error?.code ?? 'OK', errorMessage: error?.message ?? '' },
  };
}

const wireStates: Readonly<Record<ManagerState, ModelVersionState>> = {
  start: 'START',
  loading: 'LOADING',
  available: 'AVAILABLE',
  unloading: 'UNLOADING',
  end: 'END',
};
