/** What is required of a signature, with TensorFlow Serving's errors (`predict_util.cc`, `classifier.cc`, `regressor.cc`). */

import { nameHint } from '../nearest-name.js';
import type { InferenceServable } from '../servable/inference-servable.js';
import { CLASSIFY_METHOD_NAME, REGRESS_METHOD_NAME, type Signature } from '../servable/signature.js';
import { ServingError } from '../serving-error.js';

/** In whose words a signature is missing. */
export type LookupErrors = 'predict' | 'rest-predict' | 'examples' | 'multi-inference';

/** The error of a signature that a model does not have. Its hint lists those that the model has. */
export function missingSignature(name: string, errors: LookupErrors, known: Iterable<string>): ServingError {
  const options = { clientHint: knownSignatures(name, [...known]) };
  switch (errors) {
    case 'predict':
      return new ServingError('FAILED_PRECONDITION', `Serving signature key "${name}" not found.`, options);
    case 'rest-predict':
      return ServingError.invalidArgument(`Serving signature name: "${name}" not found in signature def`, options);
    case 'examples':
      return ServingError.invalidArgument(`No signature was found with the name: ${name}`, options);
    case 'multi-inference':
      return ServingError.invalidArgument(`Requested signature not found in model graph: ${name}`, options);
  }
}

function knownSignatures(name: string, known: readonly string[]): string {
  // TensorFlow writes it into each SavedModel; requests have no use for it.
  const usable = known.filter((candidate) => candidate !== '__saved_model_init_op');
  return nameHint(name, usable, 'Signatures') ?? 'The model has no signatures: export it with signatures';
}

/**
 * A signature for Classify has one input `inputs`, and one or two outputs, at least one of them `classes` or `scores`.
 *
 * @throws ServingError `INVALID_ARGUMENT`
 */
export function checkClassifySignature(servable: InferenceServable, signature: Signature): void {
  const { inputs, outputs } = signature;
  checkMethodName(servable, signature, CLASSIFY_METHOD_NAME, 'classification');
  const options = { clientHint: exampleHint('Classify', signature) };
  if (inputs.size !== 1) throw ServingError.invalidArgument('Expected one input Tensor.', options);
  if (outputs.size !== 1 && outputs.size !== 2) {
    const clientHint = outputHint('Classify', 'the outputs "classes" and "scores", or one of them', signature);
    throw ServingError.invalidArgument(`Expected one or two output Tensors, found ${outputs.size}`, { clientHint });
  }
  if (!inputs.has('inputs')) {
    throw ServingError.invalidArgument(
      `No classification inputs found in SignatureDef: ${format(servable, signature)}`,
      options,
    );
  }
  if (!outputs.has('classes') && !outputs.has('scores')) {
    throw ServingError.invalidArgument(
      'Expected classification signature outputs to contain at least one of "classes" or "scores". ' +
        `Signature was: ${format(servable, signature)}`,
      { clientHint: outputHint('Classify', 'the outputs "classes" and "scores", or one of them', signature) },
    );
  }
}

/**
 * A signature for Regress has one input `inputs` and one output `outputs`.
 *
 * @throws ServingError `INVALID_ARGUMENT`
 */
export function checkRegressSignature(servable: InferenceServable, signature: Signature): void {
  const { inputs, outputs } = signature;
  checkMethodName(servable, signature, REGRESS_METHOD_NAME, 'regression');
  const options = { clientHint: exampleHint('Regress', signature) };
  const ofOutput = { clientHint: outputHint('Regress', 'one output, "outputs"', signature) };
  if (inputs.size !== 1) throw ServingError.invalidArgument('Expected one input Tensor.', options);
  if (outputs.size !== 1) throw ServingError.invalidArgument('Expected one output Tensor.', ofOutput);
  if (!inputs.has('inputs')) {
    const message = `No regression inputs found in SignatureDef: ${format(servable, signature)}`;
    throw ServingError.invalidArgument(message, options);
  }
  if (!outputs.has('outputs')) {
    const message = `No regression outputs found in SignatureDef: ${format(servable, signature)}`;
    throw ServingError.invalidArgument(message, ofOutput);
  }
}

function exampleHint(api: 'Classify' | 'Regress', { inputs }: Signature): string {
  return (
    `${api} takes signatures with one input, named "inputs", of serialized tf.Example; ` +
    `this one has the inputs ${[...inputs.keys()].join(', ')}: use Predict, or export a signature for ${api}`
  );
}

function outputHint(api: 'Classify' | 'Regress', expected: string, { outputs }: Signature): string {
  return `${api} takes signatures with ${expected}; this one has the outputs ${[...outputs.keys()].join(', ')}: use Predict`;
}

function checkMethodName(servable: InferenceServable, signature: Signature, expected: string, api: string): void {
  if (!servable.examples?.checkMethodName || signature.methodName === expected) return;
  throw ServingError.invalidArgument(
    `Expected ${api} signature method_name to be ${expected}. Was: ${signature.methodName}`,
    { clientHint: 'Use Predict, or export a signature for this API' },
  );
}

function format(servable: InferenceServable, signature: Signature): string {
  const { name, inputs, outputs } = signature;
  const set = (aliases: Iterable<string>): string => `{${[...aliases].sort().join(',')}}`;
  return (
    servable.examples?.format?.(signature) ??
    `"${name}" with inputs ${set(inputs.keys())} and outputs ${set(outputs.keys())}`
  );
}
