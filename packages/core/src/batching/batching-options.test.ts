import { availableParallelism } from 'node:os';
import { describe, expect, it } from 'vitest';
import {
  type BatchingOptions,
  batchingOptionsSchema,
  type ModelBatchingOptions,
  validateModelBatchingOptions,
  validateThreadOptions,
} from './batching-options.js';

describe('validateModelBatchingOptions', () => {
  it("has TensorFlow Serving's defaults, with splitting on and waiting off", () => {
    expect(validateModelBatchingOptions({})).toEqual({
      maxTaskSize: Number.POSITIVE_INFINITY,
      maxExecutionBatchSize: 1000,
      maxEnqueuedBatches: 10,
      batchTimeoutMs: 0,
      allowedBatchSizes: [],
      padVariableLengthInputs: false,
      enableLargeBatchSplitting: true,
      lowPriority: undefined,
    });
  });

  it.each<[string, ModelBatchingOptions, number, number]>([
    ['with splitting a request has no limit', { maxBatchSize: 8 }, Number.POSITIVE_INFINITY, 8],
    ['an execution limit makes maxBatchSize that of requests', { maxBatchSize: 8, maxExecutionBatchSize: 4 }, 8, 4],
    ['without splitting a request is at most a batch', { maxBatchSize: 8, enableLargeBatchSplitting: false }, 8, 8],
    [
      'without splitting, the execution limit is absent',
      { maxBatchSize: 8, enableLargeBatchSplitting: false, maxExecutionBatchSize: 4 },
      8,
      8,
    ],
  ])('%s', (_, options, maxTaskSize, maxExecutionBatchSize) => {
    expect(validateModelBatchingOptions(options)).toMatchObject({ maxTaskSize, maxExecutionBatchSize });
  });

  it("puts a model's options on top of its server's", () => {
    const server = { maxBatchSize: 64, batchTimeoutMs: 1.5, numBatchThreads: 3 };
    expect(validateModelBatchingOptions({ maxBatchSize: 16, batchTimeoutMs: undefined }, server)).toMatchObject({
      maxExecutionBatchSize: 16,
      batchTimeoutMs: 1.5,
    });
  });

  it('gives the queue of sheddable tasks the limits of the first where it has none of its own', () => {
    const options = {
      maxBatchSize: 8,
      batchTimeoutMs: 1,
      enablePriorityQueue: true,
      lowPriorityQueueOptions: { maxEnqueuedBatches: 2 },
    };
    expect(validateModelBatchingOptions(options).lowPriority).toEqual({
      maxTaskSize: Number.POSITIVE_INFINITY,
      maxExecutionBatchSize: 8,
      maxEnqueuedBatches: 2,
      batchTimeoutMs: 1,
      mixedPolicy: 'low_priority_padding_with_max_batch_size',
      reserve: 10,
    });
  });

  it('takes no batch in the queue for one, where nothing is split', () => {
    const options = { maxEnqueuedBatches: 0, enableLargeBatchSplitting: false };
    expect(validateModelBatchingOptions(options).maxEnqueuedBatches).toBe(1);
  });

  it.each<[string, BatchingOptions, string]>([
    ['a size of 0', { maxBatchSize: 0 }, 'maxBatchSize: '],
    ['a negative timeout', { batchTimeoutMs: -1 }, 'batchTimeoutMs: '],
    ['an unknown field', { maxBatchsize: 1 } as BatchingOptions, 'maxBatchsize'],
    ['a queue without room for pieces', { maxEnqueuedBatches: 0 }, 'maxEnqueuedBatches: must be positive'],
    [
      'an execution limit above the batch size',
      { maxBatchSize: 4, maxExecutionBatchSize: 8 },
      'maxExecutionBatchSize: must not exceed maxBatchSize; was 8; expected up to 4',
    ],
    [
      'unsorted allowed sizes',
      { maxBatchSize: 4, allowedBatchSizes: [4, 2, 4] },
      'allowed_batch_sizes entries must be monotonically increasing',
    ],
    [
      'allowed sizes that end elsewhere',
      { maxBatchSize: 4, allowedBatchSizes: [1, 3] },
      'Last entry in allowed_batch_sizes must match max_batch_size; last entry was 3; expected 4',
    ],
    [
      'allowed sizes that end beside the execution limit',
      { maxBatchSize: 8, maxExecutionBatchSize: 4, allowedBatchSizes: [8] },
      'Last entry in allowed_batch_sizes must be equal to max_execution_batch_size; last entry was 8; expected 4',
    ],
    ["the server's threads", { numBatchThreads: 2 }, "numBatchThreads: is the server's, not a model's"],
  ])('refuses %s', (_, options, message) => {
    const refusal = expect.objectContaining({ code: 'INVALID_ARGUMENT', message: expect.stringContaining(message) });
    expect(() => validateModelBatchingOptions(options)).toThrow(refusal);
  });
});

describe('validateThreadOptions', () => {
  it('runs as many batches at once as there are processors, unless told otherwise', () => {
    expect(validateThreadOptions({})).toEqual({
      numBatchThreads: availableParallelism(),
      threadPoolName: 'batch_threads',
    });
    expect(validateThreadOptions({ numBatchThreads: 1, threadPoolName: 'mine' })).toEqual({
      numBatchThreads: 1,
      threadPoolName: 'mine',
    });
  });

  it('refuses to have no thread', () => {
    expect(() => validateThreadOptions({ numBatchThreads: 0 })).toThrow('num_batch_threads must be positive; was 0');
  });
});

describe('batchingOptionsSchema', () => {
  it('fills in defaults, and names what is wrong', () => {
    expect(batchingOptionsSchema.parse({ maxBatchSize: 4 })).toMatchObject({ maxBatchSize: 4, maxEnqueuedBatches: 10 });
    expect(batchingOptionsSchema.safeParse({ maxBatchSize: 'all' }).error?.issues[0]?.path).toEqual(['maxBatchSize']);
  });
});
