/** A first request on one line. */
import type { ClientModel } from '../clients/client-model.js';
import { toClientRequest } from '../clients/client-request.js';
import { exampleValue, isSmall, jsonScalar, nestedLiteral } from '../clients/example-value.js';

/**
 * A predict with example data; the address of the model's metadata where that would be long, or the signature takes examples.
 *
 * @throws ServingError `INVALID_ARGUMENT` for inputs that JSON has no form for.
 */
export function curlLine(model: ClientModel, url: string): string {
  const address = `${url}/v1/models/${encodeURIComponent(model.name)}`;
  const { signature, verb } = toClientRequest(model, '', address);
  const values = signature.inputs.map((tensor) => ({ alias: tensor.alias, value: exampleValue(tensor) }));
  if (verb !== 'predict' || !values.every(({ value }) => isSmall(value))) return `curl ${address}/metadata`;
  const members = values.map(({ alias, value }) => `${JSON.stringify(alias)}: ${nestedLiteral(value, jsonScalar)}`);
  const named = signature.name === 'serving_default' ? '' : `"signature_name": ${JSON.stringify(signature.name)}, `;
  const body = `{${named}"inputs": {${members.join(', ')}}}`;
  return `curl -d '${body.replaceAll("'", "'\\''")}' ${address}:predict`;
}
