/** The run that Classify and Regress share. */

import type { ExampleInput } from '../messages/example.js';
import type { RequestSampler } from '../request-logging/server-request-logger.js';
import type { InferenceServable, RunOptions } from '../servable/inference-servable.js';
import type { ServableHandle } from '../servable/servable-handle.js';
import { formatServableId } from '../servable/servable-id.js';
import type { Signature } from '../servable/signature.js';
import { ServingError } from '../serving-error.js';
import type { NamedTensors, Tensor } from '../tensor/tensor.js';

/** What runs a signature for every API; a `ModelServer` is one. */
export interface SignatureRunner {
  /** See `ModelServer.run`. @throws ServingError what the run failed with. */
  run(
    handle: ServableHandle<InferenceServable>,
    signature: Signature,
    inputs: NamedTensors,
    options?: RunOptions,
  ): Promise<NamedTensors>;
  /** See `ModelServer.runNow`; `undefined`, with nothing done, where `run` is the way. */
  runNow(
    handle: ServableHandle<InferenceServable>,
    signature: Signature,
    inputs: NamedTensors,
    outputs?: readonly string[],
  ): NamedTensors | undefined;
  /** Chooses the requests that are logged; absent while no model has a `loggingConfig`. */
  readonly requestSampler?: RequestSampler | undefined;
}

/** How long the caller waits, and who measures; see {@link RunOptions}. */
export type RunLimits = Pick<RunOptions, 'signal' | 'deadline' | 'trace'>;

/**
 * Feeds the examples to `inputs` and fetches these outputs.
 *
 * @throws ServingError `INVALID_ARGUMENT` when there are no examples, `UNIMPLEMENTED` for a servable without
 * {@link InferenceServable.examples}, or what the run failed with.
 */
export async function runExamples(
  runner: SignatureRunner,
  handle: ServableHandle<InferenceServable>,
  signature: Signature,
  input: ExampleInput,
  outputs: readonly string[],
  limits: RunLimits,
): Promise<NamedTensors> {
  if (input.examples.length === 0) throw new ServingError('INVALID_ARGUMENT', 'Input is empty.');
  const { examples } = handle.servable;
  if (!examples) {
    throw new ServingError('UNIMPLEMENTED', `${formatServableId(handle.id)} takes tensors only, not examples`);
  }
  const inputs: NamedTensors = Object.create(null);
  inputs.inputs = examples.encode(input, signature);
  // All outputs are the usual choice: servables are prepared for it.
  limits.trace?.enter('run');
  const chosen = outputs.length === signature.outputs.size ? undefined : outputs;
  return (
    (limits.signal?.aborted ? undefined : runner.runNow(handle, signature, inputs, chosen)) ??
    (await runner.run(handle, signature, inputs, { ...limits, ...(chosen && { outputs: chosen }) }))
  );
}

/** @throws ServingError `INTERNAL` for a servable that left out an output it was asked for. */
export function outputOf(outputs: NamedTensors, alias: string): Tensor {
  const tensor = outputs[alias];
  if (!tensor) throw new ServingError('INTERNAL', `The run gave no output ${alias}`);
  return tensor;
}
