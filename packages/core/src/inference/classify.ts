/** Classify: a signature's classes and scores for each example, with TensorFlow Serving's checks and errors. */

import type { Classification, ClassificationResult } from '../messages/classification.js';
import type { ExampleInput } from '../messages/example.js';
import type { Signature } from '../servable/signature.js';
import { ServingError } from '../serving-error.js';
import type { TensorDataType } from '../tensor/data-type.js';
import type { Tensor } from '../tensor/tensor.js';
import type { InferenceCall } from './inference-call.js';
import { enumName, outputOf, runExamples } from './run-examples.js';
import { checkClassifySignature } from './signature-lookup.js';

/**
 * Classifies. Requests of every API come through here, so that all get the same answers and the same texts.
 *
 * @param signatureName none or empty: `serving_default`
 * @throws ServingError `INVALID_ARGUMENT` for a signature that is missing or not of Classify's form, for no examples and
 * for outputs of another type or shape than Classify's; or what the run failed with
 */
export async function classify(
  call: InferenceCall,
  signatureName: string | undefined,
  input: ExampleInput,
): Promise<ClassificationResult> {
  const signature = call.signature(signatureName, 'examples');
  const response = await classifyUnlogged(call, signature, input);
  if (call.isLogging) call.log({ api: 'Classify', request: { input }, response }, signature.name);
  return response;
}

/** {@link classify} as a part of another request, which is logged as a whole. */
export async function classifyUnlogged(
  call: InferenceCall,
  signature: Signature,
  input: ExampleInput,
): Promise<ClassificationResult> {
  checkClassifySignature(call.handle.servable, signature);
  const wanted = ['classes', 'scores'].filter((alias) => signature.outputs.has(alias));
  const outputs = await runExamples(call, signature, input, wanted);
  const batchSize = input.examples.length;
  const classes = wanted.includes('classes')
    ? checked(outputOf(outputs, 'classes'), 'classes', 'string', batchSize)
    : undefined;
  const scores = wanted.includes('scores')
    ? checked(outputOf(outputs, 'scores'), 'scores', 'float', batchSize)
    : undefined;
  if (classes && scores && classes.shape[1] !== scores.shape[1]) {
    throw ServingError.invalidArgument(
      `Tensors class and score should match in dim_size(1). Got ${classes.shape[1]} vs. ${scores.shape[1]}`,
    );
  }
  return {
    batchSize,
    numClasses: (classes ?? scores)!.shape[1]!,
    ...(classes && { labels: classes.data }),
    ...(scores && { scores: scores.data }),
  };
}

/** A result as lists of labels and scores, one list per example. */
export function toClassifications({ batchSize, numClasses, labels, scores }: ClassificationResult): Classification[][] {
  const texts = labels?.toStrings();
  return Array.from({ length: batchSize }, (_, example) =>
    Array.from({ length: numClasses }, (_, c) => {
      const i = example * numClasses + c;
      return { label: texts?.[i] ?? '', score: scores?.[i] ?? 0 };
    }),
  );
}

function checked<D extends TensorDataType>(tensor: Tensor, alias: string, dtype: D, batchSize: number): Tensor<D> {
  if (tensor.shape.length !== 2) {
    throw ServingError.invalidArgument(`Expected Tensor shape: [batch_size num_classes] but got [${tensor.shape}]`);
  }
  if (tensor.dtype !== dtype) {
    throw ServingError.invalidArgument(
      `Expected ${alias} Tensor of ${enumName(dtype)}. Got: ${enumName(tensor.dtype)}`,
    );
  }
  if (tensor.shape[0] !== batchSize) {
    throw ServingError.invalidArgument(`Expected ${alias} output batch size of ${batchSize}. Got: ${tensor.shape[0]}`);
  }
  return tensor as Tensor<D>;
}
