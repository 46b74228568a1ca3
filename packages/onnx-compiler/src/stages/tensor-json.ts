/** Tensors as JSON: texts in full, numbers as the base64 of their bytes. */
import { ServingError } from '@serving/core/portable';
import { StringArray, type Tensor, type TensorDataType, tensorFromBytes } from '@serving/core/tensor';
import { latin1Bytes, latin1Text, sameBytes } from '../kernels/elements/bytes.js';

/** A tensor of a file of stages. */
export interface TensorJson {
  readonly dtype: TensorDataType;
  readonly shape: readonly number[];
  /** Little-endian and in row-major order, as base64; strings one by one, as texts where they are UTF-8. */
  readonly data: string | readonly (string | { readonly base64: string })[];
}

/** The JSON value of a tensor. */
export function tensorToJson({ dtype, shape, data }: Tensor): TensorJson {
  if (data instanceof StringArray) {
    return { dtype, shape, data: Array.from({ length: data.length }, (_, i) => stringToJson(data.at(i))) };
  }
  return { dtype, shape, data: toBase64(new Uint8Array(data.buffer, data.byteOffset, data.byteLength)) };
}

/** @throws ServingError for data that doesn't fit dtype and shape. */
export function tensorFromJson({ dtype, shape, data }: TensorJson): Tensor {
  if (dtype === 'string' && typeof data !== 'string') {
    return { dtype, shape, data: StringArray.from(data.map(stringFromJson)) };
  }
  if (dtype === 'string' || typeof data !== 'string') {
    throw ServingError.invalidArgument(`Data of a ${dtype} tensor is of another kind`);
  }
  return tensorFromBytes(dtype, shape, latin1Bytes(atob(data)));
}

type StringJson = string | { readonly base64: string };

/** Base64 of bytes. */
export function toBase64(bytes: Uint8Array): string {
  return btoa(latin1Text(bytes));
}

function stringToJson(bytes: Uint8Array): StringJson {
  const text = new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes);
  return sameBytes(new TextEncoder().encode(text), bytes) ? text : { base64: toBase64(bytes) };
}

function stringFromJson(value: StringJson): string | Uint8Array {
  return typeof value === 'string' ? value : latin1Bytes(atob(value.base64));
}
