/** MultiInference: several signatures of one version for the same examples (TensorFlow Serving's `multi_inference.cc`). */

import type { ExampleInput } from '../messages/example.js';
import type { InferenceResult, InferenceTask } from '../messages/multi-inference.js';
import type { InferenceServable } from '../servable/inference-servable.js';
import type { ServableHandle } from '../servable/servable-handle.js';
import { CLASSIFY_METHOD_NAME, DEFAULT_SIGNATURE_NAME, REGRESS_METHOD_NAME } from '../servable/signature.js';
import { ServingError } from '../serving-error.js';
import { classifyUnlogged } from './classify.js';
import { classifySignature, regressSignature } from './example-signature.js';
import { regressUnlogged } from './regress.js';
import type { RunLimits, SignatureRunner } from './run-examples.js';

/**
 * Asks each task's signature on a version that the caller holds; results are in the tasks' order. All tasks are checked before
 * the first runs. They run at the same time, each on its own; of several failures the
 * first task's is the call's.
 *
 * @param runner the model server.
 * @throws ServingError `INVALID_ARGUMENT` for tasks of several models, a signature that isn't there, is asked twice or isn't
 * of its method's form, and for no examples; `UNIMPLEMENTED` for another method; or what a run failed with.
 */
export async function multiInference(
  runner: SignatureRunner,
  handle: ServableHandle<InferenceServable>,
  tasks: readonly InferenceTask[],
  input: ExampleInput,
  limits: RunLimits = {},
): Promise<InferenceResult[]> {
  if (limits.trace) limits.trace.exampleCount = input.examples.length;
  const asked = new Set<string>();
  for (const task of tasks) checkTask(task, tasks[0]!.model, handle.servable, asked);
  // All are waited for: the caller gives the version back when this is over.
  const outcomes = await Promise.allSettled(
    tasks.map(async ({ methodName, signatureName: name }): Promise<InferenceResult> => {
      const signatureName = name || DEFAULT_SIGNATURE_NAME;
      if (methodName === CLASSIFY_METHOD_NAME) {
        return { signatureName, classification: await classifyUnlogged(runner, handle, signatureName, input, limits) };
      }
      return { signatureName, regression: await regressUnlogged(runner, handle, signatureName, input, limits) };
    }),
  );
  const results = outcomes.map((outcome) => {
    if (outcome.status === 'rejected') throw outcome.reason;
    return outcome.value;
  });
  const logger = runner.requestSampler?.sample(handle.id.name);
  logger?.log(handle, { api: 'MultiInference', request: { tasks, input }, response: results });
  return results;
}

function checkTask(task: InferenceTask, model: string, servable: InferenceServable, asked: Set<string>): void {
  if (task.model === '') throw ServingError.invalidArgument('Found ModelSpec with an empty model name.');
  if (task.model !== model) {
    throw ServingError.invalidArgument('All ModelSpecs in a MultiInferenceRequest must access the same model name.');
  }
  const name = task.signatureName || DEFAULT_SIGNATURE_NAME;
  if (asked.has(name)) throw ServingError.invalidArgument(`Duplicate evaluation of signature: ${name}`);
  asked.add(name);
  if (!servable.signatures.has(name))
    throw ServingError.invalidArgument(`Requested signature not found in model graph: ${name}`);
  if (task.methodName === CLASSIFY_METHOD_NAME) classifySignature(servable, name);
  else if (task.methodName === REGRESS_METHOD_NAME) regressSignature(servable, name);
  else throw new ServingError('UNIMPLEMENTED', `Unsupported signature method_name: ${task.methodName}`);
}
