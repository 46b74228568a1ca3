/** The state of a model's versions, as TensorFlow Serving's ModelService reports it. */
import type { StatusCode } from '../status-code.js';

/** State names on the wire (`get_model_status.proto`). */
export type ModelVersionState = 'UNKNOWN' | 'START' | 'LOADING' | 'AVAILABLE' | 'UNLOADING' | 'END';

/** One version. In state `END` the status tells why: `OK` for an unloaded version, the load's error for a failed one. */
export interface ModelVersionStatus {
  readonly version: number;
  readonly state: ModelVersionState;
  readonly status: { readonly errorCode: StatusCode; readonly errorMessage: string };
}
