/** MultiInference: several signatures of one version for the same examples (TensorFlow Serving's `multi_inference.cc`). */

import type { ExampleInput } from '../messages/example.js';
import type { InferenceResult, InferenceTask } from '../messages/multi-inference.js';
import {
  CLASSIFY_METHOD_NAME,
  DEFAULT_SIGNATURE_NAME,
  REGRESS_METHOD_NAME,
  type Signature,
} from '../servable/signature.js';
import { ServingError } from '../serving-error.js';
import { classifyUnlogged } from './classify.js';
import type { InferenceCall } from './inference-call.js';
import { regressUnlogged } from './regress.js';
import { checkClassifySignature, checkRegressSignature } from './signature-lookup.js';

/**
 * Runs each task's signature; results are in the tasks' order. All tasks are checked before the first runs. They run at the
 * same time, each on its own; of several failures the first task's is the request's.
 *
 * @throws ServingError `INVALID_ARGUMENT` for tasks of several models, a signature that is missing, requested twice or not of
 * its method's form, and for no examples; `UNIMPLEMENTED` for another method; or what a run failed with
 */
export async function multiInference(
  call: InferenceCall,
  tasks: readonly InferenceTask[],
  input: ExampleInput,
): Promise<InferenceResult[]> {
  if (call.trace) call.trace.exampleCount = input.examples.length;
  const checked = new Map<string, CheckedTask>();
  for (const task of tasks) addTask(call, task, tasks[0]!.model, checked);
  // All are waited for: the caller releases the version when this is over.
  const outcomes = await Promise.allSettled(
    Array.from(checked.values(), async ({ signature, isClassify }): Promise<InferenceResult> => {
      const signatureName = signature.name;
      if (isClassify) return { signatureName, classification: await classifyUnlogged(call, signature, input) };
      return { signatureName, regression: await regressUnlogged(call, signature, input) };
    }),
  );
  const response = outcomes.map((outcome) => {
    if (outcome.status === 'rejected') throw outcome.reason;
    return outcome.value;
  });
  if (call.isLogging) call.log({ api: 'MultiInference', request: { tasks, input }, response });
  return response;
}

interface CheckedTask {
  readonly signature: Signature;
  readonly isClassify: boolean;
}

function addTask(call: InferenceCall, task: InferenceTask, model: string, checked: Map<string, CheckedTask>): void {
  if (task.model === '') throw ServingError.invalidArgument('Found ModelSpec with an empty model name.');
  if (task.model !== model) {
    throw ServingError.invalidArgument('All ModelSpecs in a MultiInferenceRequest must access the same model name.');
  }
  const name = task.signatureName || DEFAULT_SIGNATURE_NAME;
  if (checked.has(name)) throw ServingError.invalidArgument(`Duplicate evaluation of signature: ${name}`);
  const { servable } = call.handle;
  const signature = call.signature(name, 'multi-inference');
  const isClassify = task.methodName === CLASSIFY_METHOD_NAME;
  if (isClassify) checkClassifySignature(servable, signature);
  else if (task.methodName === REGRESS_METHOD_NAME) checkRegressSignature(servable, signature);
  else throw new ServingError('UNIMPLEMENTED', `Unsupported signature method_name: ${task.methodName}`);
  checked.set(name, { signature, isClassify });
}
