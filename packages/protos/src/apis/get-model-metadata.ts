/** `tensorflow_serving/apis/get_model_metadata.proto`: the response. */
import type { ModelMetadata } from '@serving/core';
import type { Messages } from '../gen/messages.js';
import { encodeMessage } from '../message.js';
import { toSignatureDefMessage } from '../text/signature-def.js';

/** The bytes of a GetModelMetadataResponse, its only metadata the `signature_def`. */
export function encodeGetModelMetadataResponse({ modelSpec, signatureDef }: ModelMetadata): Uint8Array {
  const map: Messages['tensorflow.serving.SignatureDefMap'] = {
    signatureDef: Array.from(signatureDef, ([key, def]) => ({ key, value: toSignatureDefMessage(def) })),
  };
  const any = {
    type_url: 'type.googleapis.com/tensorflow.serving.SignatureDefMap',
    value: encodeMessage('tensorflow.serving.SignatureDefMap', map),
  };
  const { name, version } = modelSpec;
  return encodeMessage('tensorflow.serving.GetModelMetadataResponse', {
    modelSpec: { name, version: { value: BigInt(version) } },
    metadata: [{ key: 'signature_def', value: any }],
  });
}
