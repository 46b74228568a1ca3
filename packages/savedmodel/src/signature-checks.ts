/** Predict's check of a signature, with TensorFlow Serving's error. */
import { ServingError } from '@serving/core';
import { CLASSIFY_METHOD_NAME, PREDICT_METHOD_NAME, REGRESS_METHOD_NAME, type Signature } from '@serving/core/extend';

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
