/** What the inference APIs require of a signature, with the reference's errors. */
import {
  CLASSIFY_METHOD_NAME,
  PREDICT_METHOD_NAME,
  REGRESS_METHOD_NAME,
  ServingError,
  type Signature,
} from '@serving/core';

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
 * Checks a choice of outputs.
 *
 * @throws ServingError `INVALID_ARGUMENT` for an alias that the signature doesn't have, or that is named twice.
 */
export function checkOutputFilter(signature: Signature, outputs: readonly string[]): void {
  const seen = new Set<string>();
  for (const alias of outputs) {
    if (!signature.outputs.has(alias)) {
      throw new ServingError(
        'INVALID_ARGUMENT',
        `output tensor alias not found in signature: ${alias} Outputs expected to be in the set {${[...signature.outputs.keys()].join(',')}}.`,
      );
    }
    if (seen.has(alias)) throw new ServingError('INVALID_ARGUMENT', `duplicate output tensor alias: ${alias}`);
    seen.add(alias);
  }
}
