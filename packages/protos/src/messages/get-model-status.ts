/** `tensorflow_serving/apis/get_model_status.proto`. */
import type { ModelVersionState, ModelVersionStatus } from '@serving/core';
import { grpcNumber } from '@serving/core/internal';
import { lengthDelimited, readFields } from '../wire/wire-fields.js';
import { encodeMessage } from './message.js';
import { decodeModelSpec, type ModelSpecMessage } from './model-spec.js';

/** A GetModelStatusRequest: which model; all its versions unless the spec names one. */
export interface GetModelStatusRequestMessage {
  readonly modelSpec?: ModelSpecMessage;
}

const MODEL_SPEC = lengthDelimited(1);

/** @throws Error, with protobufjs's reason, for bytes that are not a GetModelStatusRequest. */
export function decodeGetModelStatusRequest(bytes: Uint8Array): GetModelStatusRequestMessage {
  let modelSpec: ModelSpecMessage | undefined;
  readFields(bytes, (tag, reader) => {
    if (tag !== MODEL_SPEC) return false;
    modelSpec = decodeModelSpec(reader.bytes());
    return true;
  });
  return modelSpec ? { modelSpec } : {};
}

/** The bytes of a GetModelStatusResponse, its versions in the order given. */
export function encodeGetModelStatusResponse(versions: readonly ModelVersionStatus[]): Uint8Array {
  return encodeMessage('tensorflow.serving.GetModelStatusResponse', {
    modelVersionStatus: versions.map(({ version, state, status }) => ({
      version: BigInt(version),
      state: stateNumbers[state],
      status: { errorCode: grpcNumber(status.errorCode), errorMessage: status.errorMessage },
    })),
  });
}

const stateNumbers: Readonly<Record<ModelVersionState, number>> = {
  UNKNOWN: 0,
  START: 10,
  LOADING: 20,
  AVAILABLE: 30,
  UNLOADING: 40,
  END: 50,
};
