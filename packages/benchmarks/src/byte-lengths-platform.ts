/** A platform whose runs take no time: byte strings to their lengths. */
import {
  DEFAULT_SIGNATURE_NAME,
  type InferenceServable,
  type Platform,
  PREDICT_METHOD_NAME,
  platformFromLoader,
  type Signature,
  simpleLoader,
} from '@serving/core/extend';
import { createTensor, type NamedTensors, type StringArray } from '@serving/core/tensor';

const signature: Signature = {
  name: DEFAULT_SIGNATURE_NAME,
  methodName: PREDICT_METHOD_NAME,
  inputs: new Map([['bytes', { name: 'bytes', dtype: 'string', shape: [-1] }]]),
  outputs: new Map([['lengths', { name: 'lengths', dtype: 'int32', shape: [-1] }]]),
  defaults: new Map(),
};

const servable: InferenceServable = {
  signatures: new Map([[signature.name, signature]]),
  run(_signature: Signature, { bytes }: NamedTensors): NamedTensors {
    const { data, shape } = bytes!;
    const lengths = Int32Array.from({ length: data.length }, (_, i) => (data as StringArray).at(i).length);
    return { lengths: createTensor('int32', shape, lengths) };
  },
};

export const byteLengthsPlatform: Platform = platformFromLoader(() => simpleLoader({ load: async () => servable }));
