/** Predict bodies that are one `.npy` file, as `numpy.save` writes it. */
import type { PredictBodyFormat } from '@serving/core/extend';
import { decodeNpy, encodeNpy } from '@serving/core/npy';
import { MAX_INFLATED_BYTES } from './gzip-body.js';
import { oneTensorInputs, resolveOneTensor } from './single-tensor-body.js';

const contentType = 'application/x-npy';

/** Nothing is converted but the order of bytes and of dimensions. Raw data of two bytes (`V2`) is what bfloat16 inputs take. */
export const npyBodyFormat: PredictBodyFormat = {
  contentType,
  holdsOneTensor: true,
  decode(body, request) {
    const target = resolveOneTensor(request, contentType);
    const bfloat16 = target.input.dtype === 'bfloat16';
    const options = { bfloat16, exactLength: true, maxStringBytes: MAX_INFLATED_BYTES };
    const tensor = decodeNpy(body, `input ${target.input.name}`, options);
    return { signature: target.signature, inputs: oneTensorInputs(target, tensor) };
  },
  encode: ({ outputs }) => ({ body: encodeNpy(Object.values(outputs)[0]!) }),
};
