/** Tensors of a request as an example for the form. */
import type { Signature } from '@serving/core/extend';
import type { NamedTensors } from '@serving/core/tensor';
import { encodePredictRequest } from '@serving/json-codec';
import type { InputExample } from '../api/console-api.js';

const MAX_EXAMPLE_BYTES = 256 * 1024;

/**
 * The example; `undefined` where its JSON is longer than 256 KiB.
 *
 * @throws ServingError for tensors that JSON can not carry, such as those with NaN
 */
export function inputExample(title: string, signature: Signature, tensors: NamedTensors): InputExample | undefined {
  const body = encodePredictRequest(tensors);
  if (body.length > MAX_EXAMPLE_BYTES) return undefined;
  const [only, ...more] = Object.keys(tensors);
  const columns: unknown = JSON.parse(Buffer.from(body).toString()).inputs;
  // A single input goes without its name.
  const isNamed = more.length > 0 || (typeof columns === 'object' && columns !== null && only! in columns);
  const named = isNamed ? (columns as Record<string, unknown>) : { [only!]: columns };
  return { title, signature: signature.name, inputs: named };
}
