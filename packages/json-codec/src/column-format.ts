/** `inputs` of a predict request: whole tensors. */
import { ServingError, type Signature } from '@serving/core';
import type { NamedTensors, Tensor } from '@serving/core/tensor';
import { type JsonTape, NONE, OBJECT } from './json-tape.js';
import { isBase64Object } from './leaf-converter.js';
import { appendNestedList } from './nested-list.js';
import { TensorBuilder } from './tensor-builder.js';

/**
 * The tensors of the value at node `inputs`: an object with a member for every input of the signature (others are
 * ignored), or the one input's value alone.
 *
 * @throws ServingError `INVALID_ARGUMENT` for a missing input or a value that doesn't fit, `UNIMPLEMENTED` for a data
 * type that JSON can't write.
 */
export function decodeColumns(tape: JsonTape, inputs: number, signature: Signature): NamedTensors {
  const tensors: NamedTensors = Object.create(null);
  const named = tape.kind(inputs) === OBJECT && !isBase64Object(tape, inputs);
  if (!named && signature.inputs.size > 1) {
    throw new ServingError(
      'INVALID_ARGUMENT',
      'inputs is a plain value/list, but expecting an object as multiple input tensors required as per tensorinfo_map',
    );
  }
  for (const input of signature.inputs.values()) {
    const value = named ? tape.member(inputs, input.name) : inputs;
    if (value === NONE) {
      throw new ServingError('INVALID_ARGUMENT', `Missing named input: ${input.name} in 'inputs' object.`);
    }
    tensors[input.name] = decodeTensor(tape, value, new TensorBuilder(input.dtype, 16));
  }
  return tensors;
}

function decodeTensor(tape: JsonTape, value: number, builder: TensorBuilder): Tensor {
  const shape = appendNestedList(tape, value, builder);
  return builder.finish(shape);
}
