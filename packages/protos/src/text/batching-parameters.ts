/** The file of `--batching_parameters_file`: BatchingParameters in protobuf text format. */
import type { BatchingOptions } from '@serving/core/batching';
import type { Messages } from '../gen/messages.js';
import { parseConfigText } from './config-text.js';

/**
 * Parses BatchingParameters into a server's batching options. What the file leaves out has the server's default, but for
 * large batches, which are split only when it says so.
 *
 * @param file named in the error.
 * @throws ServingError `INVALID_ARGUMENT` "Invalid protobuf file: 'FILE'" with the reason, for a text that doesn't parse
 * or has an unknown field.
 */
export function parseBatchingParameters(text: string, file: string): BatchingOptions {
  return toBatchingOptions(parseConfigText('tensorflow.serving.BatchingParameters', text, file));
}

/** From the message, which platform configurations have too. */
export function toBatchingOptions(message: Messages['tensorflow.serving.BatchingParameters']): BatchingOptions {
  const { batchTimeoutMicros, threadPoolName, allowedBatchSizes, padVariableLengthInputs, enableLargeBatchSplitting } =
    message;
  return {
    ...integer('maxBatchSize', message.maxBatchSize),
    ...(batchTimeoutMicros && { batchTimeoutMs: Number(batchTimeoutMicros.value ?? 0n) / 1000 }),
    ...integer('maxEnqueuedBatches', message.maxEnqueuedBatches),
    ...integer('numBatchThreads', message.numBatchThreads),
    ...(threadPoolName && { threadPoolName: threadPoolName.value ?? '' }),
    ...(allowedBatchSizes && { allowedBatchSizes: allowedBatchSizes.map(Number) }),
    ...(padVariableLengthInputs && { padVariableLengthInputs }),
    enableLargeBatchSplitting: enableLargeBatchSplitting?.value ?? false,
    ...integer('maxExecutionBatchSize', message.maxExecutionBatchSize),
  };
}

/** A wrapped integer that is there, 0 too. */
function integer<Name extends keyof BatchingOptions>(
  name: Name,
  message: { readonly value?: bigint } | undefined,
): { readonly [Key in Name]?: number } {
  return (message ? { [name]: Number(message.value ?? 0n) } : {}) as { readonly [Key in Name]?: number };
}
