/** What is required of a signature, with TensorFlow Serving's errors (`predict_util.cc`, `classifier.cc`, `regressor.cc`). */
import type { InferenceServable } from '../servable/inference-servable.js';
import { CLASSIFY_METHOD_NAME, REGRESS_METHOD_NAME, type Signature } from '../servable/signature.js';
import { ServingError } from '../serving-error.js';

/** In whose words a signature is missing. */
export type LookupErrors = 'predict' | 'rest-predict' | 'examples' | 'multi-inference';

/** The error of a signature that a model does not have. */
export function missingSignature(name: string, errors: LookupErrors): ServingError {
  switch (errors) {
    case 'predict':
      return new ServingError('FAILED_PRECONDITION', `Serving signature key "${name}" not found.`);
    case 'rest-predict':
      return ServingError.invalidArgument(`Serving signature name: "${name}" not found in signature def`);
    case 'examples':
      return ServingError.invalidArgument(`No signature was found with the name: ${name}`);
    case 'multi-inference':
      return ServingError.invalidArgument(`Requested signature not found in model graph: ${name}`);
  }
}

/**
 * A signature for Classify has one input `inputs`, and one or two outputs, at least one of them `classes` or `scores`.
 *
 * @throws ServingError `INVALID_ARGUMENT`
 */
export function checkClassifySignature(servable: InferenceServable, signature: Signature): void {
  const { inputs, outputs } = signature;
  checkMethodName(servable, signature, CLASSIFY_METHOD_NAME, 'classification');
  if (inputs.size !== 1) throw ServingError.invalidArgument('Expected one input Tensor.');
  if (outputs.size !== 1 && outputs.size !== 2) {
    throw ServingError.invalidArgument(`Expected one or two output Tensors, found ${outputs.size}`);
  }
  if (!inputs.has('inputs')) {
    throw ServingError.invalidArgument(
      `No classification inputs found in SignatureDef: ${format(servable, signature)}`,
    );
  }
  if (!outputs.has('classes') && !outputs.has('scores')) {
    throw ServingError.invalidArgument(
      'Expected classification signature outputs to contain at least one of "classes" or "scores". ' +
        `Signature was: ${format(servable, signature)}`,
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
  if (inputs.size !== 1) throw ServingError.invalidArgument('Expected one input Tensor.');
  if (outputs.size !== 1) throw ServingError.invalidArgument('Expected one output Tensor.');
  if (!inputs.has('inputs')) {
    throw ServingError.invalidArgument(`No regression inputs found in SignatureDef: ${format(servable, signature)}`);
  }
  if (!outputs.has('outputs')) {
    throw ServingError.invalidArgument(`No regression outputs found in SignatureDef: ${format(servable, signature)}`);
  }
}

function checkMethodName(servable: InferenceServable, signature: Signature, expected: string, api: string): void {
  if (!servable.examples?.checkMethodName || signature.methodName === expected) return;
  throw ServingError.invalidArgument(
    `Expected ${api} signature method_name to be ${expected}. Was: ${signature.methodName}`,
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
