/** Regress: a signature's number for each example, with TensorFlow Serving's checks and errors. */

import type { ExampleInput } from '../messages/example.js';
import type { RegressionResult } from '../messages/regression.js';
import type { Signature } from '../servable/signature.js';
import { ServingError } from '../serving-error.js';
import type { Tensor } from '../tensor/tensor.js';
import type { InferenceCall } from './inference-call.js';
import { enumName, outputOf, runExamples } from './run-examples.js';
import { checkRegressSignature } from './signature-lookup.js';

/**
 * Regresses. Requests of every API come through here, so that all get the same answers and the same texts.
 *
 * @param signatureName none or empty: `serving_default`
 * @throws ServingError `INVALID_ARGUMENT` for a signature that is missing or not of Regress's form, for no examples and
 * for an output of another type or shape than Regress's; or what the run failed with
 */
export async function regress(
  call: InferenceCall,
  signatureName: string | undefined,
  input: ExampleInput,
): Promise<RegressionResult> {
  const signature = call.signature(signatureName, 'examples');
  const response = await regressUnlogged(call, signature, input);
  if (call.isLogging) call.log({ api: 'Regress', request: { input }, response }, signature.name);
  return response;
}

/** {@link regress} as a part of another request, which is logged as a whole. */
export async function regressUnlogged(
  call: InferenceCall,
  signature: Signature,
  input: ExampleInput,
): Promise<RegressionResult> {
  checkRegressSignature(call.handle.servable, signature);
  const outputs = await runExamples(call, signature, input, ['outputs']);
  return { values: checked(outputOf(outputs, 'outputs'), input.examples.length).data };
}

function checked(tensor: Tensor, batchSize: number): Tensor<'float'> {
  const { shape, dtype } = tensor;
  if (shape.length !== 1 && !(shape.length === 2 && shape[1] === 1)) {
    throw ServingError.invalidArgument(
      `Expected output Tensor shape to be either [batch_size] or [batch_size, 1] but got [${shape}]`,
    );
  }
  if (shape[0] !== batchSize) {
    throw ServingError.invalidArgument(
      `Input batch size did not match output batch size: ${batchSize} vs. ${shape[0]}`,
    );
  }
  if (dtype !== 'float') {
    // TensorFlow Serving's text has the two blanks.
    throw ServingError.invalidArgument(`Expected output Tensor of DT_FLOAT.  Got: ${enumName(dtype)}`);
  }
  return tensor as Tensor<'float'>;
}
