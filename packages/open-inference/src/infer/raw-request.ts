/** A request without JSON: the body is the one input of a signature. */
import { ServingError } from '@serving/core';
import { quoteName, type Signature, type TensorSpec } from '@serving/core/extend';
import type { InferenceCall } from '@serving/core/internal';
import { dataTypeInfo, StringArray } from '@serving/core/tensor';
import { readBinaryTensor } from './binary-tensor.js';
import { checkHasDatatype } from './bind-inputs.js';
import { chooseSignature } from './choose-signature.js';
import { type Datatype, datatypeOf, dtypeOf } from './datatype.js';
import type { InferRequest, Parameters } from './infer-message.js';

/**
 * The request that a body without JSON stands for. All outputs are to be binary.
 *
 * @throws ServingError `INVALID_ARGUMENT` for a signature with other than one input, and for a size that its shape does not have.
 */
export function rawRequest(call: InferenceCall, body: Uint8Array, signatureName: string | undefined): InferRequest {
  const { name: model } = call.handle.id;
  const signature = chooseSignature(model, call.handle.servable.signatures, signatureName);
  const spec = onlyInput(signature);
  checkHasDatatype('Input', spec);
  const datatype = datatypeOf(spec.dtype)!;
  const { name } = spec;
  const subject = `Input ${quoteName(name)}`;
  const tensor =
    datatype === 'BYTES'
      ? { dtype: 'string' as const, shape: oneElement(spec), data: StringArray.from([body]) }
      : readBinaryTensor(datatype, deducedShape(spec, datatype, body.length), body, subject);
  return { id: '', parameters: BINARY_OUTPUT, inputs: [{ name, datatype, tensor }], outputs: [] };
}

const BINARY_OUTPUT: Parameters = Object.assign(Object.create(null), { binary_data_output: true });

function onlyInput({ name, inputs }: Signature): TensorSpec {
  const [spec] = inputs.values();
  if (spec !== undefined && inputs.size === 1) return spec;
  throw ServingError.invalidArgument(
    `A request without JSON needs a signature with one input; signature ${quoteName(name)} has ${inputs.size}`,
  );
}

/** Free dimensions are 1, except the last, which follows from the size. */
function deducedShape({ name, shape = [-1] }: TensorSpec, datatype: Datatype, size: number): number[] {
  const last = shape.findLastIndex((dimension) => dimension < 0);
  const rest = shape.reduce((product, dimension) => (dimension < 0 ? product : product * dimension), 1);
  const elementSize = dataTypeInfo(dtypeOf(datatype)).array!.BYTES_PER_ELEMENT;
  const rowSize = rest * elementSize;
  const rows = rowSize === 0 ? 0 : size / rowSize;
  if (!Number.isInteger(rows) || (last < 0 && rows !== 1 && rest > 0)) {
    throw ServingError.invalidArgument(
      `Input ${quoteName(name)}: ${size} bytes are not ${datatype} of shape [${shape}], which takes ${last < 0 ? rowSize : `a multiple of ${rowSize}`}`,
    );
  }
  return shape.map((dimension, i) => (i === last ? rows : dimension < 0 ? 1 : dimension));
}

function oneElement({ name, shape = [-1] }: TensorSpec): number[] {
  if (shape.every((dimension) => dimension < 0 || dimension === 1)) return shape.map(() => 1);
  throw ServingError.invalidArgument(
    `Input ${quoteName(name)} has shape [${shape}]: a request without JSON has one element of BYTES`,
  );
}
