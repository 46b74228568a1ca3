/** What the inference APIs require of a signature, with the reference's errors. */
import {
  CLASSIFY_METHOD_NAME,
  PREDICT_METHOD_NAME,
  REGRESS_METHOD_NAME,
  ServingError,
  type Signature,
  type SignatureDef,
} from '@serving/core';
import { formatSignatureDef } from '@serving/protos';

/**
 * Predict's check of the method name, which is made only when it is asked for: exporters give any signature any of the three.
 *
 * @throws ServingError `INTERNAL` for a method name that is none of predict, classify and regress.
 */
export function checkPredictMethodName(signature: Signature): void {
  const { methodName } = signature;
  if (methodName === PREDICT_METHOD_NAME || methodName === CLASSIFY_METHOD_NAME || methodName === REGRESS_METHOD_NAME) {
    return;
  }
  throw new ServingError(
    'INTERNAL',
    `Expected prediction signature method_name to be one of {${PREDICT_METHOD_NAME}, ${CLASSIFY_METHOD_NAME}, ` +
      `${REGRESS_METHOD_NAME}}. Was: ${methodName}`,
  );
}

/**
 * What Classify requires of a signature: one input `inputs`; one or two outputs, at least one of `classes` and `scores`.
 *
 * @param checkMethodName whether the method name must be classify's, too.
 * @throws ServingError `INVALID_ARGUMENT`.
 */
export function checkClassifySignature(def: SignatureDef, checkMethodName: boolean): void {
  if (checkMethodName && def.methodName !== CLASSIFY_METHOD_NAME) {
    throw invalid(
      `Expected classification signature method_name to be ${CLASSIFY_METHOD_NAME}. Was: ${def.methodName}`,
    );
  }
  if (def.inputs.size !== 1) throw invalid('Expected one input Tensor.');
  if (def.outputs.size !== 1 && def.outputs.size !== 2) {
    throw invalid(`Expected one or two output Tensors, found ${def.outputs.size}`);
  }
  if (!def.inputs.has('inputs')) throw invalid(`No classification inputs found in SignatureDef: ${debugText(def)}`);
  if (!def.outputs.has('classes') && !def.outputs.has('scores')) {
    throw invalid(
      'Expected classification signature outputs to contain at least one of "classes" or "scores". ' +
        `Signature was: ${debugText(def)}`,
    );
  }
}

/**
 * What Regress requires of a signature: one input `inputs` and one output `outputs`.
 *
 * @param checkMethodName whether the method name must be regress's, too.
 * @throws ServingError `INVALID_ARGUMENT`.
 */
export function checkRegressSignature(def: SignatureDef, checkMethodName: boolean): void {
  if (checkMethodName && def.methodName !== REGRESS_METHOD_NAME) {
    throw invalid(`Expected regression signature method_name to be ${REGRESS_METHOD_NAME}. Was: ${def.methodName}`);
  }
  if (def.inputs.size !== 1) throw invalid('Expected one input Tensor.');
  if (def.outputs.size !== 1) throw invalid('Expected one output Tensor.');
  if (!def.inputs.has('inputs')) throw invalid(`No regression inputs found in SignatureDef: ${debugText(def)}`);
  if (!def.outputs.has('outputs')) throw invalid(`No regression outputs found in SignatureDef: ${debugText(def)}`);
}

function invalid(message: string): ServingError {
  return new ServingError('INVALID_ARGUMENT', message);
}

/** Text format behind the line with which the reference marks such prints. */
function debugText(def: SignatureDef): string {
  return `goo.gle/debugonly\n${formatSignatureDef(def)}`;
}
