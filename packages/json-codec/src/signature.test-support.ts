/** Signatures for tests. */
import type { Signature } from '@serving/core/extend';
import type { DataType } from '@serving/core/tensor';

/** A signature with these inputs, by name. */
export function signatureOf(inputs: Readonly<Record<string, DataType>>): Signature {
  const specs = Object.entries(inputs).map(([name, dtype]) => [name, { name, dtype, shape: undefined }] as const);
  return {
    name: 'serving_default',
    methodName: 'tensorflow/serving/predict',
    inputs: new Map(specs),
    outputs: new Map(),
    defaults: new Map(),
  };
}
