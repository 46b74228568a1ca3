/** An answer → ModelInferResponse. */
import { lengthDelimited, WireWriter } from '@serving/protos/tensor';
import { binarySize, writeBinaryTensor } from '../infer/binary-tensor.js';
import type { InferResponse } from '../infer/checked-request.js';
import { nested, writeSizes, writeText } from './message-codec.js';
import { hasContents, writeContents } from './tensor-contents.js';

const FIELD_1 = lengthDelimited(1);
const FIELD_2 = lengthDelimited(2);
const FIELD_3 = lengthDelimited(3);
const FIELD_5 = lengthDelimited(5);
const FIELD_6 = lengthDelimited(6);

/** Whether all outputs can be in typed contents. */
export function canBeTyped({ request }: InferResponse): boolean {
  return request.choice.outputs.every(({ datatype }) => hasContents(datatype));
}

/** Encodes an answer, its outputs all raw or all typed. */
export function encodeInferResponseMessage(response: InferResponse, isRaw: boolean): Uint8Array {
  const { model, version, request, tensors } = response;
  const outputs = request.choice.outputs.toReversed();
  const size = isRaw ? outputs.reduce((sum, { name }) => sum + binarySize(tensors[name]!) + 64, 256) : 1024;
  const writer = new WireWriter(size);
  if (isRaw) {
    for (const { name } of outputs) {
      const tensor = tensors[name]!;
      nested(writer, FIELD_6, () => {
        const bytes = new Uint8Array(binarySize(tensor));
        writeBinaryTensor(tensor, bytes, 0);
        writer.raw(bytes);
      });
    }
  }
  for (const { name, datatype } of outputs) {
    const tensor = tensors[name]!;
    nested(writer, FIELD_5, () => {
      if (!isRaw) writeContents(writer, FIELD_5, datatype, tensor);
      writeSizes(writer, FIELD_3, tensor.shape);
      writeText(writer, FIELD_2, datatype);
      writeText(writer, FIELD_1, name);
    });
  }
  if (request.id !== '') writeText(writer, FIELD_3, request.id);
  writeText(writer, FIELD_2, String(version));
  writeText(writer, FIELD_1, model);
  return writer.finish();
}
