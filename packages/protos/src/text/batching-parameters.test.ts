import { describe, expect, it } from 'vitest';
import { parseBatchingParameters } from './batching-parameters.js';

describe('parseBatchingParameters', () => {
  it.each([
    ['', { enableLargeBatchSplitting: false }],
    [
      `max_batch_size { value: 32 }
       batch_timeout_micros: { value: 0 }
       num_batch_threads { value: 4 }, max_enqueued_batches { value: 64 };
       thread_pool_name { value: "pool" }
       allowed_batch_sizes: 8
       allowed_batch_sizes: [16, 32]
       pad_variable_length_inputs: true
       enable_large_batch_splitting { value: true }
       max_execution_batch_size { value: 16 }`,
      {
        maxBatchSize: 32,
        batchTimeoutMs: 0,
        numBatchThreads: 4,
        maxEnqueuedBatches: 64,
        threadPoolName: 'pool',
        allowedBatchSizes: [8, 16, 32],
        padVariableLengthInputs: true,
        enableLargeBatchSplitting: true,
        maxExecutionBatchSize: 16,
      },
    ],
    ['max_batch_size {}', { maxBatchSize: 0, enableLargeBatchSplitting: false }],
  ])('reads %j', (text, expected) => {
    expect(parseBatchingParameters(text, 'f')).toEqual(expected);
  });

  it.each(['max_batch_size: 32', 'batch_size { value: 1 }'])('refuses %j, naming the file', (text) => {
    expect(() => parseBatchingParameters(text, 'batching.config')).toThrow(
      expect.objectContaining({
        code: 'INVALID_ARGUMENT',
        message: expect.stringContaining("Invalid protobuf file: 'batching.config'"),
      }),
    );
  });
});
