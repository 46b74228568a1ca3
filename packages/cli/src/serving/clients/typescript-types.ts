/** What `serving types` writes. */
import { ServingError } from '@serving/core';
import type { ClientModel } from './client-model.js';
import { inferenceFunction, inferenceTypes } from './typescript-inference.js';
import { predictFunction, predictImports, predictTypes } from './typescript-predict.js';
import { restFunctions, restTypes } from './typescript-rest.js';
import { typescriptHeader, typescriptSignatures } from './typescript-signatures.js';

export interface TypescriptTypesOptions {
  /** Without functions, for a `.d.ts`. */
  readonly declarationsOnly: boolean;
  /** The model's URL unless the caller gives one. */
  readonly url: string;
}

/**
 * A module with the types of the model's signatures, `typedPredict`, `typedInfer` and `typedRestClient`. It imports types of `@serving/core`
 * and nothing else.
 *
 * @throws ServingError `NOT_FOUND` for a model without a signature that a request can run.
 */
export function typescriptTypes(model: ClientModel, { declarationsOnly, url }: TypescriptTypesOptions): string {
  if (model.signatures.length === 0) {
    throw new ServingError('NOT_FOUND', `Model ${model.name} has no signature that a request can run`);
  }
  const parts = [
    typescriptHeader(model, 'serving types'),
    predictImports,
    '\n',
    typescriptSignatures(model),
    predictTypes(model),
    inferenceTypes(model),
    restTypes(model),
  ];
  if (!declarationsOnly) parts.push(predictFunction(model), inferenceFunction(model), restFunctions(model, url));
  return parts.join('');
}
