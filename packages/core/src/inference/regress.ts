/** Regress: a signature's number for each example, with TensorFlow Serving's checks and errors. */

import type { ExampleInput } from '../messages/example.js';
import type { RegressionResult } from '../messages/regression.js';
import type { InferenceServable } from '../servable/inference-servable.js';
import type { ServableHandle } from '../servable/servable-handle.js';
import { DEFAULT_SIGNATURE_NAME } from '../servable/signature.js';
import { ServingError } from '../serving-error.js';
import { dataTypeEnumName, dataTypeInfo } from '../tensor/data-type.js';
import type { Tensor } from '../tensor/tensor.js';
import { regressSignature } from './example-signature.js';
import { outputOf, type RunLimits, runExamples, type SignatureRunner } from './run-examples.js';

/**
 * Regresses on a version that the caller holds. Requests of every API come through here, so that all get the same answers
 * and the reference's texts.
 *
 * @param runner the model server.
 * @param signatureName none or empty: `serving_default`.
 * @throws ServingError `INVALID_ARGUMENT` for a signature that isn't there or isn't of Regress's form, for no examples and
 * for an output of another type or shape than asked for; or what the run failed with.
 */
export async function regress(
  runner: SignatureRunner,
  handle: ServableHandle<InferenceServable>,
  signatureName: string | undefined,
  input: ExampleInput,
  limits: RunLimits = {},
): Promise<RegressionResult> {
  const result = await regressUnlogged(runner, handle, signatureName, input, limits);
  const logger = runner.requestSampler?.sample(handle.id.name);
  if (logger) {
    logger.log(
      handle,
      { api: 'Regress', request: { input }, response: result },
      signatureName || DEFAULT_SIGNATURE_NAME,
    );
  }
  return result;
}

/** {@link regress} as a part of another request, which is logged as a whole. */
export async function regressUnlogged(
  runner: SignatureRunner,
  handle: ServableHandle<InferenceServable>,
  signatureName: string | undefined,
  input: ExampleInput,
  limits: RunLimits = {},
): Promise<RegressionResult> {
  const signature = regressSignature(handle.servable, signatureName);
  const outputs = await runExamples(runner, handle, signature, input, ['outputs'], limits);
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
    // The two blanks are the reference's.
    throw ServingError.invalidArgument(
      `Expected output Tensor of DT_FLOAT.  Got: ${dataTypeEnumName(dataTypeInfo(dtype).number) ?? dtype}`,
    );
  }
  return tensor as Tensor<'float'>;
}
