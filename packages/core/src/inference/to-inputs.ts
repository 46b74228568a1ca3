/** A predict request's inputs and output filter against the signature, with TensorFlow Serving's texts (`servables/tensorflow/predict_util.cc`). */
import { nameHint } from '../nearest-name.js';
import type { Signature, TensorSpec } from '../servable/signature.js';
import { mustBe } from '../server/config/issue-text.js';
import { ServingError } from '../serving-error.js';
import type { NamedTensors, Tensor } from '../tensor/tensor.js';

/**
 * One tensor per input of the signature: what the request has, else the signature's default. All names are checked before
 * the first value is converted.
 *
 * @param convert makes a tensor of a request's value; what it throws is passed on.
 * @throws ServingError `INVALID_ARGUMENT` for an unknown alias, a missing one without a default, or a value that doesn't convert.
 */
export function toInputs<Value>(
  inputs: Readonly<Record<string, Value>>,
  signature: Signature,
  convert: (value: Value, spec: TensorSpec) => Tensor,
): NamedTensors {
  if (typeof inputs !== 'object' || inputs === null) {
    throw ServingError.invalidArgument(
      `inputs: ${mustBe(`an object with ${formatSet(signature.inputs.keys())}`, inputs)}`,
    );
  }
  const isComplete = hasAll(inputs, signature);
  if (!isComplete) checkNames(inputs, signature);
  const tensors: NamedTensors = Object.create(null);
  for (const [alias, spec] of signature.inputs) {
    const isGiven = isComplete || Object.hasOwn(inputs, alias);
    tensors[alias] = isGiven ? convert(inputs[alias]!, spec) : signature.defaults.get(alias)!;
  }
  return tensors;
}

/** Whether a request has every input of the signature, and nothing else. */
function hasAll(inputs: Readonly<Record<string, unknown>>, { inputs: specs }: Signature): boolean {
  const given = Object.keys(inputs);
  if (given.length !== specs.size) return false;
  for (let i = 0; i < given.length; i++) if (!specs.has(given[i]!)) return false;
  return true;
}

/** @throws ServingError `INVALID_ARGUMENT` for an unknown alias, or a missing one without a default. */
function checkNames(inputs: Readonly<Record<string, unknown>>, signature: Signature): void {
  let given = 0;
  for (const alias of signature.inputs.keys()) {
    if (Object.hasOwn(inputs, alias)) given += 1;
    else if (!signature.defaults.has(alias)) throw wrongInputs(inputs, signature, alias);
  }
  if (Object.keys(inputs).length !== given) throw wrongInputs(inputs, signature);
}

/** @throws ServingError `INVALID_ARGUMENT` for an alias that isn't an output of the signature, or that is requested twice. */
export function checkOutputFilter(outputFilter: readonly string[], signature: Signature): void {
  for (const [i, alias] of outputFilter.entries()) {
    if (!signature.outputs.has(alias)) {
      throw ServingError.invalidArgument(
        `output tensor alias not found in signature: ${alias} Outputs expected to be in the set ${formatSet(signature.outputs.keys())}.`,
        { clientHint: nameHint(alias, [...signature.outputs.keys()], 'Outputs') },
      );
    }
    if (outputFilter.indexOf(alias) !== i) {
      throw new ServingError('INVALID_ARGUMENT', `duplicate output tensor alias: ${alias}`);
    }
  }
}

function wrongInputs(inputs: Readonly<Record<string, unknown>>, signature: Signature, missing?: string): ServingError {
  const sent = Object.keys(inputs);
  const expected = [...signature.inputs.keys()];
  const extra = sent.filter((alias) => !signature.inputs.has(alias));
  if (missing !== undefined && extra.length === 0 && signature.defaults.size > 0) {
    const message = `Signature input alias: ${missing} not found in request and no default value provided`;
    return ServingError.invalidArgument(message, { clientHint: `Inputs: ${expected.join(', ')}` });
  }
  const required = expected.filter((alias) => !Object.hasOwn(inputs, alias) && !signature.defaults.has(alias));
  return ServingError.invalidArgument(
    `input size does not match signature: ${sent.length}!=${expected.length} ` +
      `len(${formatSet(sent)}) != len(${formatSet(expected)}). ` +
      `Sent extra: ${formatSet(extra)}. Missing but required: ${formatSet(required)}.`,
    { clientHint: extra.length > 0 ? nameHint(extra[0]!, expected, 'Inputs') : `Inputs: ${expected.join(', ')}` },
  );
}

function formatSet(names: Iterable<string>): string {
  return `{${[...names].sort().join(',')}}`;
}
