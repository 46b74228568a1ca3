/** Refuses keys that a request in process does not have, such as `signature` for `signatureName`. */
import type { ExampleRequest } from '../messages/example-request.js';
import type { PredictRequest } from '../messages/predict.js';
import { type OptionNames, unknownName } from '../server/config/option-names.js';
import { ServingError } from '../serving-error.js';

const common = { model: true, version: true, label: true, signatureName: true, signal: true, timeoutMs: true } as const;
const predict: OptionNames<PredictRequest> = { ...common, inputs: true, outputFilter: true };
const examples: OptionNames<ExampleRequest> = { ...common, examples: true, context: true };
const predictKeys: ReadonlySet<string> = new Set(Object.keys(predict));
const exampleKeys: ReadonlySet<string> = new Set(Object.keys(examples));

/** @throws ServingError `INVALID_ARGUMENT` `Predict: unknown key "signature": did you mean "signatureName"?` */
export function checkPredictKeys(request: PredictRequest): void {
  for (const key in request) if (!predictKeys.has(key)) throw unknownKey('Predict', key, predictKeys);
}

/** @throws ServingError `INVALID_ARGUMENT` as {@link checkPredictKeys}. */
export function checkExampleKeys(request: ExampleRequest): void {
  for (const key in request) if (!exampleKeys.has(key)) throw unknownKey('Classify and Regress', key, exampleKeys);
}

function unknownKey(api: string, key: string, known: ReadonlySet<string>): ServingError {
  return new ServingError('INVALID_ARGUMENT', `${api}: ${unknownName('key', key, [...known])}`);
}
