/** `inputs` of a predict request: whole tensors. */
import { ServingError } from '@serving/core';
import type { Signature } from '@serving/core/extend';
import type { NamedTensors } from '@serving/core/tensor';
import { type JsonTape, NONE, OBJECT } from '../json/json-tape.js';
import type { SliceBudget } from '../slicing/slice-budget.js';
import { isBase64Object } from './exact/scalar-converter.js';
import { NestedListReader } from './nested-list.js';
import { TensorBuilder } from './tensor-builder.js';

/**
 * The tensors of the value at node `inputs`: an object with a member for every input of the signature (others are
 * ignored), or the one input's value alone. Yields where the budget is used up.
 *
 * @throws ServingError `INVALID_ARGUMENT` for a missing input or a value that doesn't fit, `UNIMPLEMENTED` for a data
 * type that JSON can't write.
 */
export function* decodeColumns(
  tape: JsonTape,
  inputs: number,
  signature: Signature,
  budget: SliceBudget,
): Generator<void, NamedTensors> {
  const tensors: NamedTensors = Object.create(null);
  const named = tape.kind(inputs) === OBJECT && !isBase64Object(tape, inputs);
  if (!named && signature.inputs.size > 1) {
    throw new ServingError(
      'INVALID_ARGUMENT',
      'inputs is a plain value/list, but expecting an object as multiple input tensors required as per tensorinfo_map',
    );
  }
  const specs = [...signature.inputs.values()];
  const names = specs.map(({ name }) => name);
  const values = named ? yield* tape.members(inputs, names, budget) : [inputs];
  const list = new NestedListReader(tape);
  for (const [index, { name, dtype }] of specs.entries()) {
    const value = values[index]!;
    if (value === NONE) {
      throw ServingError.invalidArgument(`Missing named input: ${name} in 'inputs' object.`, {
        clientHint: `Inputs: ${names.join(', ')}`,
      });
    }
    const builder = new TensorBuilder(dtype, 16, 0, tape.text.length);
    list.begin(value, builder);
    while (!list.step(budget)) yield;
    tensors[name] = builder.finish(list.shape);
  }
  return tensors;
}
