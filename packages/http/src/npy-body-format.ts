/** Predict bodies that are one `.npy` file, as `numpy.save` writes it. */
import type { PredictBodyFormat } from '@serving/core';
import { decodeNpy, encodeNpy } from '@serving/core/npy';
import { resolveOneTensor, toInputs } from './one-tensor-body.js';

const contentType = 'application/x-npy';

/** Nothing is converted but the order of bytes and of dimensions. Raw data of two bytes (`V2`) is what bfloat16 inputs take. */
export const npyBodyFormat: PredictBodyFormat = {
  contentType,
  holdsOneTensor: true,
  decode(body, request) {
    const target = resolveOneTensor(request, contentType);
    const bfloat16 = target.input.dtype === 'bfloat16';
    const tensor = decodeNpy(body, `input ${target.input.name}`, { bfloat16, exactLength: true });
    return { signature: target.signature, inputs: toInputs(target, tensor) };
  },
  encode: ({ outputs }) => ({ body: encodeNpy(Object.values(outputs)[0]!) }),
};
