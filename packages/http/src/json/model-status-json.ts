/** The answer to a status request. */
import type { ModelVersionStatus } from '@serving/core';
import { type ProtoJson, printProtoJson, protoString } from './proto-json.js';

/** A `GetModelStatusResponse`, its versions in the order given. */
export function modelStatusJson(versions: readonly ModelVersionStatus[]): string {
  const list = versions.map(
    ({ version, state, status }): ProtoJson => ({
      members: [
        ['version', `"${version}"`],
        ['state', `"${state}"`],
        [
          'status',
          {
            members: [
              ['error_code', `"${status.errorCode}"`],
              ['error_message', protoString(status.errorMessage)],
            ],
          },
        ],
      ],
    }),
  );
  return printProtoJson({ members: [['model_version_status', { list }]] });
}
