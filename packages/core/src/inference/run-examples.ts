/** The run that Classify and Regress share. */
import type { ExampleInput } from '../messages/example.js';
import { formatServableId } from '../servable/servable-id.js';
import type { Signature } from '../servable/signature.js';
import { ServingError } from '../serving-error.js';
import { dataTypeEnumName, dataTypeInfo, type TensorDataType } from '../tensor/data-type.js';
import type { NamedTensors, Tensor } from '../tensor/tensor.js';
import type { InferenceCall } from './inference-call.js';

/**
 * Feeds the examples to `inputs` and fetches these outputs.
 *
 * @throws ServingError `INVALID_ARGUMENT` without examples, `UNIMPLEMENTED` for a servable without
 * {@link InferenceServable.examples}, or what the run failed with
 */
export async function runExamples(
  call: InferenceCall,
  signature: Signature,
  input: ExampleInput,
  outputs: readonly string[],
): Promise<NamedTensors> {
  if (input.examples.length === 0) throw new ServingError('INVALID_ARGUMENT', 'Input is empty.');
  const { id, servable } = call.handle;
  const { examples } = servable;
  if (!examples) throw new ServingError('UNIMPLEMENTED', `${formatServableId(id)} takes tensors only, not examples`);
  const inputs: NamedTensors = Object.create(null);
  inputs.inputs = examples.encode(input, signature);
  // All outputs are the usual choice: servables are prepared for it.
  return call.run(signature, inputs, outputs.length === signature.outputs.size ? undefined : outputs);
}

/** `DT_FLOAT`: a data type as TensorFlow Serving's texts name it. */
export function enumName(dtype: TensorDataType): string {
  return dataTypeEnumName(dataTypeInfo(dtype).number) ?? dtype;
}

/** @throws ServingError `INTERNAL` for a servable that left out a requested output. */
export function outputOf(outputs: NamedTensors, alias: string): Tensor {
  const tensor = outputs[alias];
  if (!tensor) throw new ServingError('INTERNAL', `The run gave no output ${alias}`);
  return tensor;
}
