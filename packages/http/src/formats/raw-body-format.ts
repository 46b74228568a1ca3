/** Predict bodies that are the little-endian bytes of one tensor, row-major; headers tell its shape and data type. */
import { ServingError } from '@serving/core';
import type { PredictBodyFormat, TensorSpec } from '@serving/core/extend';
import { isTensorDataType, type Tensor, tensorBytes, tensorFromBytes } from '@serving/core/tensor';
import { oneTensorInputs, resolveOneTensor } from './single-tensor-body.js';

const contentType = 'application/octet-stream';

/** The headers that tell of the tensor, here and in answers. */
const SHAPE_HEADER = 'serving-shape';
const DTYPE_HEADER = 'serving-dtype';

/** The data type is the signature's; a request that names another one is refused. */
export const rawBodyFormat: PredictBodyFormat = {
  contentType,
  requiredHeaders: [SHAPE_HEADER],
  holdsOneTensor: true,
  decode(body, request) {
    const target = resolveOneTensor(request, contentType);
    const shape = parseShape(request.header(SHAPE_HEADER)!);
    const tensor = toTensor(body, shape, target.input, request.header(DTYPE_HEADER));
    return { signature: target.signature, inputs: oneTensorInputs(target, tensor) };
  },
  encode({ outputs }) {
    const [name, tensor] = Object.entries(outputs)[0]!;
    if (tensor.dtype === 'string') {
      throw new ServingError('INVALID_ARGUMENT', `output ${name}: strings have no raw form; ${otherForms}`);
    }
    return {
      body: tensorBytes(tensor),
      headers: { 'Serving-Shape': tensor.shape.join(','), 'Serving-Dtype': tensor.dtype },
    };
  },
};

const otherForms = 'use JSON, protobuf or application/x-npy';

function toTensor(body: Uint8Array, shape: number[], { name, dtype }: TensorSpec, claimed: string | undefined): Tensor {
  if (claimed !== undefined && claimed !== dtype) {
    throw new ServingError('INVALID_ARGUMENT', `input ${name}: expected ${dtype}, got Serving-Dtype: ${claimed}`);
  }
  if (dtype === 'string' || !isTensorDataType(dtype)) {
    throw new ServingError(
      'INVALID_ARGUMENT',
      `input ${name}: values of type ${dtype} have no raw form; ${otherForms}`,
    );
  }
  try {
    return tensorFromBytes(dtype, shape, body);
  } catch (error) {
    throw ServingError.from(error).prefixed(`input ${name}: `);
  }
}

/** `1,224,224,3`, in brackets or parentheses too; nothing between them for a scalar. */
function parseShape(text: string): number[] {
  const [, dimensions = ''] = /^[[(]?([^[\]()]*)[\])]?$/.exec(text.trim()) ?? [];
  const sizes = dimensions.replace(/,\s*$/, '').split(',');
  if (dimensions.trim() === '' && !/[^\s[\]()]/.test(text)) return [];
  if (sizes.every((size) => /^\s*\d+\s*$/.test(size))) return sizes.map(Number);
  throw new ServingError(
    'INVALID_ARGUMENT',
    `header Serving-Shape: expected sizes of dimensions such as 1,224,224,3, got ${text}`,
  );
}
