/** The request that a generated client makes: a verb and example data. */
import { ServingError } from '@serving/core';
import { CLASSIFY_METHOD_NAME, REGRESS_METHOD_NAME } from '@serving/core/extend';
import {
  type ClientModel,
  type ClientSignature,
  chooseSignature,
  tensorText,
  tensorWithoutJson,
} from './client-model.js';

export interface ClientRequest {
  readonly model: ClientModel;
  readonly signature: ClientSignature;
  /** Classify and Regress take examples, whose features a signature does not declare. */
  readonly verb: 'predict' | 'classify' | 'regress';
  /** The model's URL unless the client is given another. */
  readonly url: string;
}

/**
 * The request for one signature; for an empty name it is as {@link chooseSignature} has it.
 *
 * @throws ServingError `NOT_FOUND` for a signature that isn't there, `INVALID_ARGUMENT` for one that JSON can't carry.
 */
export function toClientRequest(model: ClientModel, signatureName: string, url: string): ClientRequest {
  const signature = chooseSignature(model, signatureName);
  const { methodName } = signature;
  const verb =
    methodName === CLASSIFY_METHOD_NAME ? 'classify' : methodName === REGRESS_METHOD_NAME ? 'regress' : 'predict';
  const tensor = verb === 'predict' ? tensorWithoutJson(signature) : undefined;
  if (tensor) {
    throw new ServingError(
      'INVALID_ARGUMENT',
      `Model ${model.name}, signature ${signature.name}: ${tensor.alias} is ${tensorText(tensor)}, and JSON has no form ` +
        `for ${tensor.dtype}; choose another with --signature_name`,
    );
  }
  return { model, signature, verb, url };
}

/** The title in the first lines of a client, without line breaks, also where names have some. */
export function clientTitle({ model, signature, verb }: ClientRequest): string {
  return `Asks the model ${JSON.stringify(model.name)} to ${verb}, signature ${JSON.stringify(signature.name)}, with example data.`;
}
