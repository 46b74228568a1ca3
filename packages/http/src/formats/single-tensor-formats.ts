/** Predict bodies that are one tensor: its little-endian bytes, row-major, or one `.npy` file. Headers have the rest. */
import { ServingError } from '@serving/core';
import type {
  DecodedPredictBody,
  PredictBodyFormat,
  PredictBodyRequest,
  Signature,
  TensorSpec,
} from '@serving/core/extend';
import { tensorFromBytesInSlices, toInputs } from '@serving/core/internal';
import { decodeNpyInSlices, encodeNpy } from '@serving/core/npy';
import { isTensorDataType, type NamedTensors, type Tensor, tensorBytes } from '@serving/core/tensor';
import { inOneGo } from '@serving/json-codec/internal';
import { MAX_INFLATED_BYTES } from './gzip-body.js';

const RAW_TYPE = 'application/octet-stream';
const NPY_TYPE = 'application/x-npy';

/** Nothing is converted but the order of bytes and of dimensions. Raw data of two bytes (`V2`) is what bfloat16 inputs take. */
export const npyBodyFormat: PredictBodyFormat = {
  contentType: NPY_TYPE,
  holdsOneTensor: true,
  decode: (body, request) => inOneGo(decodeNpyBody(body, request)),
  decodeInSlices: decodeNpyBody,
  encode: ({ outputs }) => ({ body: encodeNpy(Object.values(outputs)[0]!) }),
};

function* decodeNpyBody(body: Uint8Array, request: PredictBodyRequest): Generator<void, DecodedPredictBody> {
  const target = resolveOneTensor(request, NPY_TYPE);
  const bfloat16 = target.input.dtype === 'bfloat16';
  const options = { bfloat16, exactLength: true, maxStringBytes: MAX_INFLATED_BYTES };
  const tensor = yield* decodeNpyInSlices(body, `input ${target.input.name}`, options);
  return { signature: target.signature, inputs: oneTensorInputs(target, tensor) };
}

/** The headers that describe the tensor, in requests and in responses. */
const SHAPE_HEADER = 'serving-shape';
const DTYPE_HEADER = 'serving-dtype';

/** The data type is the signature's; a request that names another one is refused. */
export const rawBodyFormat: PredictBodyFormat = {
  contentType: RAW_TYPE,
  requiredHeaders: [SHAPE_HEADER],
  holdsOneTensor: true,
  decode: (body, request) => inOneGo(decodeRawBody(body, request)),
  decodeInSlices: decodeRawBody,
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

function* decodeRawBody(body: Uint8Array, request: PredictBodyRequest): Generator<void, DecodedPredictBody> {
  const target = resolveOneTensor(request, RAW_TYPE);
  const shape = parseShape(request.header(SHAPE_HEADER)!);
  const tensor = yield* toTensor(body, shape, target.input, request.header(DTYPE_HEADER));
  return { signature: target.signature, inputs: oneTensorInputs(target, tensor) };
}

const otherForms = 'use JSON, protobuf or application/x-npy';

function* toTensor(
  body: Uint8Array,
  shape: number[],
  { name, dtype }: TensorSpec,
  claimed: string | undefined,
): Generator<void, Tensor> {
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
    return yield* tensorFromBytesInSlices(dtype, shape, body);
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

/** Names the signature of a request; default `serving_default`. */
const SIGNATURE_HEADER = 'serving-signature';

/** The input that the body is for. */
interface OneTensorTarget {
  readonly signature: Signature;
  readonly input: TensorSpec;
}

/**
 * Finds the signature, and its one input, or the only one of several that has no default.
 *
 * @throws ServingError `INVALID_ARGUMENT` for a signature with another number of tensors, and what `resolve` throws.
 */
function resolveOneTensor(request: PredictBodyRequest, contentType: string): OneTensorTarget {
  const { signature } = request.resolve(request.header(SIGNATURE_HEADER));
  const inputs = [...signature.inputs.values()];
  const required = inputs.length === 1 ? inputs : inputs.filter(({ name }) => !signature.defaults.has(name));
  if (required.length === 1) return { signature, input: required[0]! };
  const names = inputs.map(({ name }) => name).join(', ') || 'none';
  throw new ServingError(
    'INVALID_ARGUMENT',
    `${contentType} holds one tensor, but the signature's inputs are ${names}: send JSON or protobuf`,
  );
}

/**
 * The run compares the shape with the signature's.
 *
 * @throws ServingError `INVALID_ARGUMENT` for a tensor that is not of the input's declared type.
 */
function oneTensorInputs({ signature, input }: OneTensorTarget, tensor: Tensor): NamedTensors {
  const { dtype } = tensor;
  if (dtype !== input.dtype && input.dtype !== 'invalid') {
    throw new ServingError('INVALID_ARGUMENT', `input ${input.name}: expected ${input.dtype}, got ${dtype}`);
  }
  const inputs: NamedTensors = Object.create(null);
  inputs[input.name] = tensor;
  return toInputs(inputs, signature, (value) => value);
}
