/** How requests are batched, with TensorFlow Serving's names and defaults; checked once. */
import { availableParallelism } from 'node:os';
import { z } from 'zod';
import { issueText } from '../server/config/issue-text.js';
import { type OptionText, schemaOfRows, schemaRow } from '../server/config/schema-rows.js';
import { ServingError } from '../serving-error.js';

/** The longest delay that `setTimeout` supports. */
const MAX_TIMER_MS = 2 ** 31 - 1;

/**
 * What happens between the two priorities of a queue:
 * - `low_priority_padding_with_max_batch_size`: a critical batch that is taken is filled up with sheddable tasks;
 * - `low_priority_padding_with_next_allowed_batch_size`: the same, but only up to the next allowed batch size;
 * - `priority_isolation`: they are never mixed;
 * - `priority_merge`: sheddable tasks join the critical batch only when it is taken while it is open still.
 */
export type MixedPriorityBatchingPolicy =
  | 'low_priority_padding_with_max_batch_size'
  | 'low_priority_padding_with_next_allowed_batch_size'
  | 'priority_isolation'
  | 'priority_merge';

/** How one model's requests are grouped: the `BatchingParameters` of its queues. */
export interface ModelBatchingOptions {
  /** The largest batch, in rows. Default 1000. Where `maxExecutionBatchSize` is set: the largest request. */
  readonly maxBatchSize?: number | undefined;
  /**
   * How long a batch waits for more requests, from its first one, in milliseconds (precision about 1). No request fails for it: a
   * request's own limit is `timeoutMs`. Default 0: nothing waits while a thread is free, and batches grow with the load.
   */
  readonly batchTimeoutMs?: number | undefined;
  /**
   * Batches that may wait in one queue; requests beyond that get `UNAVAILABLE`. Those that run don't count. A request that is cut
   * into more is taken while fewer wait. Default 10.
   */
  readonly maxEnqueuedBatches?: number | undefined;
  /**
   * Batches are padded to the next of these sizes with copies of a row. Increasing; the last is `maxExecutionBatchSize`.
   * Default: no padding.
   */
  readonly allowedBatchSizes?: readonly number[] | undefined;
  /**
   * Requests whose inputs differ in a dimension other than the first are merged too, each padded at its end with its own
   * first element. Outputs are not cut back. Default false: such requests run in different batches.
   */
  readonly padVariableLengthInputs?: boolean | undefined;
  /** Requests larger than a batch are cut, and their outputs joined. Default true (false in a `BatchingParameters` file). */
  readonly enableLargeBatchSplitting?: boolean | undefined;
  /** The largest batch that runs, with splitting. Default `maxBatchSize`, which then limits no request. */
  readonly maxExecutionBatchSize?: number | undefined;
  /** Requests of low criticality wait in a second queue. Default false. */
  readonly enablePriorityQueue?: boolean | undefined;
  /** The second queue's own limits; what is left out is as in the first. */
  readonly lowPriorityQueueOptions?: LowPriorityQueueOptions | undefined;
  /** Default `low_priority_padding_with_max_batch_size`. */
  readonly mixedPriorityBatchingPolicy?: MixedPriorityBatchingPolicy | undefined;
  /**
   * The critical batches after which a sheddable one that is ready runs, however many critical ones wait, so that it never
   * starves. `false`: it waits until no critical batch is ready. Default: 10.
   */
  readonly lowPriorityReserve?: number | false | undefined;
}

/** Limits of the queue of sheddable tasks. */
export interface LowPriorityQueueOptions {
  readonly maxExecutionBatchSize?: number | undefined;
  readonly batchTimeoutMs?: number | undefined;
  readonly maxEnqueuedBatches?: number | undefined;
}

/** Batching of a whole server: what runs at once, and the defaults of its models' queues. */
export interface BatchingOptions extends ModelBatchingOptions {
  /**
   * Batches that run at once, over all queues; one more while a queue holds several of them and another, where a batch is ready,
   * none. Where batches wait for slots of an engine, one full batch waits there ahead, for its run to begin when another's ends.
   * Default: the number of processors.
   */
  readonly numBatchThreads?: number | undefined;
  /** Names the scheduler in metrics. Default `batch_threads`. */
  readonly threadPoolName?: string | undefined;
}

/** The limits of one lane of a queue. */
export interface LaneLimits {
  readonly maxTaskSize: number;
  readonly maxExecutionBatchSize: number;
  readonly maxEnqueuedBatches: number;
  readonly batchTimeoutMs: number;
}

/** {@link ModelBatchingOptions} with their defaults. */
export interface ValidModelBatchingOptions extends LaneLimits {
  readonly allowedBatchSizes: readonly number[];
  readonly padVariableLengthInputs: boolean;
  readonly enableLargeBatchSplitting: boolean;
  /** Absent without a priority queue. */
  readonly lowPriority:
    | (LaneLimits & { readonly mixedPolicy: MixedPriorityBatchingPolicy; readonly reserve: number | false })
    | undefined;
}

/** {@link BatchingOptions} of the scheduler itself with their defaults. */
export interface ValidThreadOptions {
  readonly numBatchThreads: number;
  readonly threadPoolName: string;
}

const mixedPolicies = [
  'low_priority_padding_with_max_batch_size',
  'low_priority_padding_with_next_allowed_batch_size',
  'priority_isolation',
  'priority_merge',
] as const satisfies MixedPriorityBatchingPolicy[];

const size = z.int().min(1);
const timeout = z.number().min(0).max(MAX_TIMER_MS);
const enqueued = z.int().min(0);

const lowPriorityRows = {
  maxExecutionBatchSize: schemaRow({
    schema: size.optional(),
    type: 'integer ≥ 1',
    default: 'as the first',
    meaning: 'its largest batch',
  }),
  batchTimeoutMs: schemaRow({
    schema: timeout.optional(),
    type: 'number',
    default: 'as the first',
    meaning: 'how long its batches wait',
  }),
  maxEnqueuedBatches: schemaRow({
    schema: enqueued.optional(),
    type: 'integer',
    default: 'as the first',
    meaning: 'its batches that may wait',
  }),
};

const batchingRows = {
  maxBatchSize: schemaRow({
    schema: size.default(1000),
    type: 'integer ≥ 1',
    meaning: 'the largest batch, in rows; with `maxExecutionBatchSize` the largest request',
  }),
  batchTimeoutMs: schemaRow({
    schema: timeout.default(0),
    type: 'number',
    meaning: 'how long a batch waits for more, from its first request',
  }),
  maxEnqueuedBatches: schemaRow({
    schema: enqueued.default(10),
    type: 'integer',
    meaning: 'batches that may wait in a queue',
  }),
  allowedBatchSizes: schemaRow({
    schema: z.array(size).default([]),
    type: 'whole numbers, increasing',
    default: 'none',
    meaning: 'sizes that batches are padded to; the last is the largest batch',
  }),
  padVariableLengthInputs: schemaRow({
    schema: z.boolean().default(false),
    type: 'boolean',
    meaning: 'rows of different shapes are padded and merged',
  }),
  enableLargeBatchSplitting: schemaRow({
    schema: z.boolean().default(true),
    type: 'boolean',
    meaning: 'requests larger than a batch are cut',
  }),
  maxExecutionBatchSize: schemaRow({
    schema: size.optional(),
    type: 'integer ≥ 1',
    default: '`maxBatchSize`',
    meaning: 'the largest batch, with splitting',
  }),
  enablePriorityQueue: schemaRow({
    schema: z.boolean().default(false),
    type: 'boolean',
    meaning: 'requests of low criticality wait in a second queue',
  }),
  lowPriorityQueueOptions: schemaRow({
    schema: schemaOfRows(lowPriorityRows).default({}),
    type: '[below](#low-priority-queue)',
    default: 'as the first queue',
    meaning: "the second queue's limits",
  }),
  mixedPriorityBatchingPolicy: schemaRow({
    schema: z.enum(mixedPolicies).default('low_priority_padding_with_max_batch_size'),
    type: 'string',
    meaning: 'or `…_with_next_allowed_batch_size`, `priority_isolation`, `priority_merge`',
  }),
  lowPriorityReserve: schemaRow({
    schema: z.union([size, z.literal(false)], 'expected a whole number from 1, or false').default(10),
    type: 'integer ≥ 1, or `false`',
    meaning: 'critical batches after which one of the second queue runs; `false`: none while critical ones are ready',
  }),
  numBatchThreads: schemaRow({
    schema: z
      .int()
      .min(1, { error: ({ input }) => `num_batch_threads must be positive; was ${input}` })
      .default(() => availableParallelism()),
    type: 'integer ≥ 1',
    default: 'processors',
    meaning:
      'batches that run at once; [one more](../guides/batching.md) for a model with none running, while another runs several, and one that is full',
  }),
  threadPoolName: schemaRow({
    schema: z.string().default('batch_threads'),
    type: 'string',
    meaning: 'a label in metrics',
  }),
};

/** The rows of the options in the docs, by heading. */
export const batchingOptionTexts: Readonly<
  Record<'Batching' | 'Low-priority queue', Readonly<Record<string, OptionText>>>
> = { Batching: batchingRows, 'Low-priority queue': lowPriorityRows };

const schema = schemaOfRows(batchingRows).superRefine((options, context) => {
  for (const [field, message] of problems(options)) context.addIssue({ code: 'custom', path: [field], message });
});

/** The schema of a server's batching, for a configuration that contains it. Its output has every default. */
export const batchingOptionsSchema: z.ZodType<BatchingOptions, BatchingOptions> = schema;

/** @throws ServingError `INVALID_ARGUMENT` that lists every wrong field; for `allowedBatchSizes` in TensorFlow Serving's words. */
export function validateThreadOptions(options: BatchingOptions): ValidThreadOptions {
  const { numBatchThreads, threadPoolName } = parse(options);
  return { numBatchThreads, threadPoolName };
}

/**
 * A model's options on top of its server's, with their defaults.
 *
 * @throws ServingError as {@link validateThreadOptions}
 */
export function validateModelBatchingOptions(
  options: ModelBatchingOptions,
  server: BatchingOptions = {},
): ValidModelBatchingOptions {
  const own = Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined));
  const foreign = ['numBatchThreads', 'threadPoolName'].filter((name) => Object.hasOwn(own, name));
  if (foreign.length > 0) throw invalid(foreign.map((name) => `${name}: is the server's, not a model's`));
  return withLimits(parse({ ...server, ...own }));
}

function parse(options: BatchingOptions): ParsedOptions {
  const result = schema.safeParse(options, { error: issueText });
  if (result.success) return result.data;
  throw invalid(result.error.issues.map(({ path, message }) => `${path.join('.') || 'options'}: ${message}`));
}

type ParsedOptions = z.output<typeof schema>;

function withLimits(options: ParsedOptions): ValidModelBatchingOptions {
  const {
    allowedBatchSizes,
    padVariableLengthInputs,
    enableLargeBatchSplitting,
    lowPriorityQueueOptions: low,
  } = options;
  const maxExecutionBatchSize = executionLimit(options);
  const lane = (limits: typeof low, own: number | undefined): LaneLimits => {
    const batch = limits.maxExecutionBatchSize ?? maxExecutionBatchSize;
    const maxEnqueuedBatches = Math.max(limits.maxEnqueuedBatches ?? options.maxEnqueuedBatches, 1);
    return {
      maxTaskSize: own ?? (enableLargeBatchSplitting ? Number.POSITIVE_INFINITY : batch),
      maxExecutionBatchSize: batch,
      maxEnqueuedBatches,
      batchTimeoutMs: limits.batchTimeoutMs ?? options.batchTimeoutMs,
    };
  };
  const isLimited = enableLargeBatchSplitting && options.maxExecutionBatchSize !== undefined;
  return {
    ...lane({}, isLimited ? options.maxBatchSize : undefined),
    allowedBatchSizes,
    padVariableLengthInputs,
    enableLargeBatchSplitting,
    lowPriority: options.enablePriorityQueue
      ? {
          ...lane(low, undefined),
          mixedPolicy: options.mixedPriorityBatchingPolicy,
          reserve: options.lowPriorityReserve,
        }
      : undefined,
  };
}

function executionLimit({ enableLargeBatchSplitting, maxExecutionBatchSize, maxBatchSize }: ParsedOptions): number {
  return enableLargeBatchSplitting ? (maxExecutionBatchSize ?? maxBatchSize) : maxBatchSize;
}

/** What is wrong with fields that are each right, in TensorFlow Serving's words where it has them. */
function* problems(options: ParsedOptions): Generator<[field: string, message: string]> {
  const { maxBatchSize, allowedBatchSizes, enableLargeBatchSplitting, maxExecutionBatchSize } = options;
  const limit = executionLimit(options);
  if (enableLargeBatchSplitting && options.maxEnqueuedBatches === 0) {
    yield ['maxEnqueuedBatches', 'must be positive where large batches are split'];
  }
  if (enableLargeBatchSplitting && maxExecutionBatchSize !== undefined && maxExecutionBatchSize > maxBatchSize) {
    yield [
      'maxExecutionBatchSize',
      `must not exceed maxBatchSize; was ${maxExecutionBatchSize}; expected up to ${maxBatchSize}`,
    ];
  }
  if (allowedBatchSizes.some((allowed, i) => i > 0 && allowed <= allowedBatchSizes[i - 1]!)) {
    yield ['allowedBatchSizes', 'allowed_batch_sizes entries must be monotonically increasing'];
    return;
  }
  const last = allowedBatchSizes.at(-1) ?? limit;
  if (last === limit) return;
  const found = `last entry was ${last}; expected ${limit}`;
  yield [
    'allowedBatchSizes',
    enableLargeBatchSplitting && maxExecutionBatchSize !== undefined
      ? `Last entry in allowed_batch_sizes must be equal to max_execution_batch_size; ${found}`
      : `Last entry in allowed_batch_sizes must match max_batch_size; ${found}`,
  ];
}

function invalid(lines: readonly string[]): ServingError {
  return new ServingError('INVALID_ARGUMENT', `Invalid batching options: ${lines.join('; ')}`);
}
