/** ModelInferRequest and ModelInferResponse as a client has them. Tensors are sent raw, and read in either form. */
import { elementCount, type NamedTensors, type Tensor } from '@serving/core/tensor';
import { lengthDelimited, readFields, WireWriter } from '@serving/protos/tensor';
import type { ClientInferRequest, ClientInferResponse } from '../client/client-messages.js';
import { datatypeOfInput } from '../client/encode-request.js';
import { encodeFields, type MessageSpec, nested, writeSizes, writeText } from '../grpc/message-codec.js';
import { readMessage } from '../grpc/message-reader.js';
import { readContents } from '../grpc/tensor-contents.js';
import { binarySize, readBinaryTensor, writeBinaryTensor } from '../infer/binary-tensor.js';
import { isDatatype } from '../infer/datatype.js';

const FIELD_5 = lengthDelimited(5);
const FIELD_6 = lengthDelimited(6);
const FIELD_7 = lengthDelimited(7);

/** What stands before the tensors. */
const headSpec: MessageSpec = {
  model_name: [1, 'text'],
  model_version: [2, 'text'],
  id: [3, 'text'],
  parameters: [4, 'parameters'],
};

/** @throws TypeError for a tensor that the protocol does not have. */
export function encodeInferCall(request: ClientInferRequest): Uint8Array {
  const { model, version = '', id = '', signatureName, timeoutMs, outputs = [] } = request;
  const inputs = Object.entries(request.inputs).reverse();
  const size = inputs.reduce((sum, [name, tensor]) => sum + binarySize(tensor) + name.length + 64, 1024);
  const writer = new WireWriter(size);
  for (const [, tensor] of inputs) {
    nested(writer, FIELD_7, () => {
      const bytes = new Uint8Array(binarySize(tensor));
      writeBinaryTensor(tensor, bytes, 0);
      writer.raw(bytes);
    });
  }
  for (const name of outputs.toReversed()) nested(writer, FIELD_6, () => writeText(writer, lengthDelimited(1), name));
  for (const [name, tensor] of inputs) {
    nested(writer, FIELD_5, () => {
      writeSizes(writer, lengthDelimited(3), tensor.shape);
      writeText(writer, lengthDelimited(2), datatypeOfInput(name, tensor));
      writeText(writer, lengthDelimited(1), name);
    });
  }
  const parameters = {
    ...request.parameters,
    ...(signatureName !== undefined && { signature_name: signatureName }),
    ...(timeoutMs !== undefined && { timeout: Math.max(1, Math.round(timeoutMs * 1000)) }),
  };
  writer.raw(encodeFields(headSpec, { model_name: model, model_version: version, id, parameters }));
  return writer.finish();
}

const outputSpec: MessageSpec = { name: [1, 'text'], datatype: [2, 'text'], shape: [3, 'sizes'] };

/** @throws Error for an answer that is not the protocol's. */
export function decodeInferAnswer(bytes: Uint8Array): ClientInferResponse {
  const { model_name: model, model_version: version, id } = readMessage(headSpec, bytes) as Record<string, string>;
  const outputs: Uint8Array[] = [];
  const raw: Uint8Array[] = [];
  readFields(bytes, (tag, reader) => {
    if (tag === FIELD_5) outputs.push(reader.bytes());
    else if (tag === FIELD_6) raw.push(reader.bytes());
    else return false;
    return true;
  });
  const tensors: NamedTensors = Object.create(null);
  for (const [index, output] of outputs.entries()) {
    const { name, tensor } = decodeOutput(output, raw[index]);
    tensors[name] = tensor;
  }
  return { model: model!, version: version || undefined, id: id || undefined, outputs: tensors };
}

function decodeOutput(output: Uint8Array, raw: Uint8Array | undefined): { name: string; tensor: Tensor } {
  const read = readMessage(outputSpec, output) as { name: string; datatype: string; shape: number[] };
  const { name, datatype, shape } = read;
  const subject = `Output "${name}"`;
  if (!isDatatype(datatype)) throw new TypeError(`${subject}: unknown data type "${datatype}"`);
  if (raw !== undefined) return { name, tensor: readBinaryTensor(datatype, shape, raw, subject) };
  let contents: Uint8Array = new Uint8Array(0);
  readFields(output, (tag, reader) => {
    if (tag !== FIELD_5) return false;
    contents = reader.bytes();
    return true;
  });
  return { name, tensor: readContents(contents, datatype, shape, elementCount(shape), subject) };
}
