/** `tensorflow_serving/apis/get_model_metadata.proto`. */
import type { ModelMetadata } from '@serving/core';
import type { Messages } from '../gen/messages.js';
import { toSignatureDefMessage } from '../text/signature-def.js';
import { lengthDelimited, readFields } from '../wire/wire-fields.js';
import { encodeMessage } from './message.js';
import { decodeModelSpec, type ModelSpecMessage } from './model-spec.js';

/** A GetModelMetadataRequest: which model, and which kinds of metadata (`signature_def` is the only one there is). */
export interface GetModelMetadataRequestMessage {
  readonly modelSpec?: ModelSpecMessage;
  readonly metadataField: readonly string[];
}

const MODEL_SPEC = lengthDelimited(1);
const METADATA_FIELD = lengthDelimited(2);

/** @throws Error, with protobufjs's reason, for bytes that are not a GetModelMetadataRequest. */
export function decodeGetModelMetadataRequest(bytes: Uint8Array): GetModelMetadataRequestMessage {
  let modelSpec: ModelSpecMessage | undefined;
  const metadataField: string[] = [];
  readFields(bytes, (tag, reader) => {
    if (tag === MODEL_SPEC) modelSpec = decodeModelSpec(reader.bytes());
    else if (tag === METADATA_FIELD) metadataField.push(reader.string());
    else return false;
    return true;
  });
  return { metadataField, ...(modelSpec && { modelSpec }) };
}

/** The bytes of a GetModelMetadataResponse, its only metadata the `signature_def`. */
export function encodeGetModelMetadataResponse({ model, version, signatureDef }: ModelMetadata): Uint8Array {
  const map: Messages['tensorflow.serving.SignatureDefMap'] = {
    signatureDef: Array.from(signatureDef, ([key, def]) => ({ key, value: toSignatureDefMessage(def) })),
  };
  const any = {
    type_url: 'type.googleapis.com/tensorflow.serving.SignatureDefMap',
    value: encodeMessage('tensorflow.serving.SignatureDefMap', map),
  };
  return encodeMessage('tensorflow.serving.GetModelMetadataResponse', {
    modelSpec: { name: model, version: { value: BigInt(version) } },
    metadata: [{ key: 'signature_def', value: any }],
  });
}
