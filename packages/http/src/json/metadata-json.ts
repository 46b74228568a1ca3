/** The answer to a metadata request. */
import type { ModelMetadata } from '@serving/core';
import { printProtoJson, protoString } from './proto-json.js';
import { signatureDefMapJson } from './signature-def-json.js';

/** Two printed messages pasted into fixed text, as upstream does; hence the nesting and the odd line breaks. */
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
