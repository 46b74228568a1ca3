/** TensorFlow's `TF_Status` as our error. */
import { ServingError } from '@serving/core';
import { statusCodeFromNumber } from '@serving/core/internal';
import type { Address } from '@serving/engine/native';
import type { TensorFlowApi } from './c-api.js';

/** @throws ServingError what the status holds, unless it is OK. */
export function throwIfFailed(api: TensorFlowApi, status: Address): void {
  const error = statusError(api, status);
  if (error !== undefined) throw error;
}

/** The error that a status holds, TensorFlow's message unchanged; `undefined` for OK. */
export function statusError(api: TensorFlowApi, status: Address): ServingError | undefined {
  const number = api.getCode(status);
  if (number === 0) return undefined;
  const code = statusCodeFromNumber(number);
  return new ServingError(code === 'OK' ? 'UNKNOWN' : code, api.message(status));
}
