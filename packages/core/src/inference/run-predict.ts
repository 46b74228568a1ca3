/** The run of Predict, by whatever way a request came, and its log. */
import type { InferenceServable, RunOptions } from '../servable/inference-servable.js';
import type { ServableHandle } from '../servable/servable-handle.js';
import type { Signature } from '../servable/signature.js';
import type { NamedTensors } from '../tensor/tensor.js';
import type { SignatureRunner } from './run-examples.js';

/**
 * Runs a signature on a version that the caller holds, for a Predict request. Requests of every API come through here, so
 * that all are logged alike.
 *
 * @param runner the model server.
 * @param inputs complete and of the signature's data types.
 * @throws ServingError what the run failed with.
 */
export function runPredict(
  runner: SignatureRunner,
  handle: ServableHandle<InferenceServable>,
  signature: Signature,
  inputs: NamedTensors,
  options?: RunOptions,
): Promise<NamedTensors> {
  const running = runner.run(handle, signature, inputs, options);
  if (runner.requestSampler === undefined) return running;
  return running.then((outputs) => {
    logPredict(runner, handle, signature, inputs, outputs, options?.outputs);
    return outputs;
  });
}

/**
 * {@link runPredict} for servables that know this run to take microseconds: the outputs are there when it returns.
 * `undefined`, with nothing done, when that isn't so.
 *
 * @param outputFilter outputs to fetch, by alias; all when absent or empty.
 * @throws ServingError what the run failed with.
 */
export function runPredictNow(
  runner: SignatureRunner,
  handle: ServableHandle<InferenceServable>,
  signature: Signature,
  inputs: NamedTensors,
  outputFilter?: readonly string[],
): NamedTensors | undefined {
  const outputs = runner.runNow(handle, signature, inputs, outputFilter);
  if (outputs !== undefined && runner.requestSampler !== undefined) {
    logPredict(runner, handle, signature, inputs, outputs, outputFilter);
  }
  return outputs;
}

function logPredict(
  { requestSampler }: SignatureRunner,
  handle: ServableHandle<InferenceServable>,
  signature: Signature,
  inputs: NamedTensors,
  outputs: NamedTensors,
  outputFilter: readonly string[] = [],
): void {
  const logger = requestSampler?.sample(handle.id.name);
  logger?.log(handle, { api: 'Predict', request: { inputs, outputFilter }, response: { outputs } }, signature.name);
}
