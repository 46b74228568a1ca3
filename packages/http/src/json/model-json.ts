/** The answers to status and metadata requests. */
import type { ModelMetadata, ModelVersionStatus } from '@serving/core';
import { type ProtoJson, printProtoJson, protoString } from './proto-json.js';
import { signatureDefMapJson } from './signature-def-json.js';

/** A `GetModelStatusResponse`, its versions in the order given. */
export function modelStatusJson(versions: readonly ModelVersionStatus[]): string {
  return printProtoJson({ members: [['model_version_status', statusList(versions)]] });
}

/** The models by name, each with the list that a `GetModelStatusResponse` has. */
export function modelListJson(
  models: readonly (readonly [name: string, versions: readonly ModelVersionStatus[]])[],
): string {
  const list = models.map(
    ([name, versions]): ProtoJson => ({
      members: [
        ['name', protoString(name)],
        ['model_version_status', statusList(versions)],
      ],
    }),
  );
  return printProtoJson({ members: [['models', { list }]] });
}

function statusList(versions: readonly ModelVersionStatus[]): ProtoJson {
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
  return { list };
}

/** Two printed messages pasted into fixed text, as TensorFlow Serving does; hence the nesting and the odd line breaks. */
export function metadataJson({ model, version, signatureDef }: ModelMetadata): string {
  const spec = printProtoJson({
    members: [
      ['name', protoString(model)],
      ['version', `"${version}"`],
      ['signature_name', '""'],
    ],
  });
  const signatures = printProtoJson(signatureDefMapJson(signatureDef));
  return `{\n"model_spec":${spec},\n"metadata": {"signature_def": ${signatures}}\n}\n`;
}
