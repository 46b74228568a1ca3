/** The run of Predict, by whatever API a request came, and its log. */
import type { Signature } from '../servable/signature.js';
import type { NamedTensors } from '../tensor/tensor.js';
import type { InferenceCall } from './inference-call.js';

/**
 * Runs a signature for a Predict request.
 *
 * @param inputs complete and of the signature's data types
 * @param outputFilter outputs to fetch, by alias; all when absent or empty
 * @throws ServingError what goes wrong, thrown or rejected
 */
export function predict(
  call: InferenceCall,
  signature: Signature,
  inputs: NamedTensors,
  outputFilter?: readonly string[],
): NamedTensors | Promise<NamedTensors> {
  const running = call.run(signature, inputs, outputFilter);
  if (!call.isLogging) return running;
  const logged = (outputs: NamedTensors): NamedTensors => {
    const request = { inputs, outputFilter: outputFilter ?? [] };
    call.log({ api: 'Predict', request, response: { outputs } }, signature.name);
    return outputs;
  };
  return running instanceof Promise ? running.then(logged) : logged(running);
}
