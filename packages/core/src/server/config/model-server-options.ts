/** The options of a model server by name: the schema of each, and what the docs say of it. */
import { z } from 'zod';
import { batchingOptionsSchema } from '../../batching/batching-options.js';
import { type Clock, systemClock } from '../../clock.js';
import type { Platform } from '../../loader/platform.js';
import type { AspiredVersionPolicy } from '../../manager/aspired-version-policy.js';
import { availabilityPreservingPolicy } from '../../manager/availability-preserving-policy.js';
import { DEFAULT_KEPT_BYTES } from '../../memory/buffer-pool.js';
import { LogCollectorRegistry } from '../../request-logging/log-collector-registry.js';
import { serverTaskSchema } from '../../request-logging/logging-config.js';
import type { ResourceLimits } from '../../resources/resource-quantity.js';
import type { ServableId } from '../../servable/servable-id.js';
import type { ServingError } from '../../serving-error.js';
import type { PollInterval } from '../../source/file-system-storage-path-source.js';
import { localStorage } from '../../source/local-storage.js';
import type { Storage } from '../../source/storage.js';
import { invalidConfig, strictOptions, withMethods } from './invalid-config.js';
import { checkModels, modelsSchema, toValidModels } from './model-config.js';
import type { ModelConfigSource } from './model-config-source.js';
import type { ModelServerConfig, ValidModelServerConfig } from './model-server-config.js';

/** The longest delay that `setTimeout` knows. */
const MAX_TIMER_MS = 2 ** 31 - 1;

/** What the docs say of an option. */
interface ModelServerOptionText {
  readonly type: string;
  /** A number or a boolean is the value, a text Markdown. */
  readonly default: number | boolean | string;
  readonly meaning: string;
}

/** In the docs' order. */
export function modelServerOptionTexts(): Readonly<Record<string, ModelServerOptionText>> {
  return {
    ...modelServerRows(),
    on: { type: 'listeners by event', default: 'none', meaning: 'subscribed before the first load' },
  };
}

/** @throws ServingError `INVALID_ARGUMENT` that lists every wrong field with its path, such as `models[1].name`. */
export function validateModelServerConfig(config: ModelServerConfig): ValidModelServerConfig {
  const result = configSchema().safeParse(config);
  if (!result.success) throw invalidConfig(result.error.issues);
  const {
    models,
    configSource,
    shouldRetryModelLoad,
    preLoadHook,
    batching,
    platforms,
    storage = localStorage,
    ...rest
  } = result.data;
  const hasLocalPaths = storage === localStorage;
  return {
    ...rest,
    storage,
    hasLocalPaths,
    platforms: new Map(Object.entries(platforms)),
    ...(configSource && { configSource }),
    ...(shouldRetryModelLoad && { shouldRetryModelLoad }),
    ...(preLoadHook && { preLoadHook }),
    ...(batching && { batching }),
    ...(models && { models: toValidModels(models, hasLocalPaths) }),
  };
}

function configSchema() {
  return modelServerSchema().superRefine((config, context) => {
    const { platforms, batching, storage = localStorage } = config;
    const hasLocalPaths = storage === localStorage;
    const surroundings = { platforms: new Map(Object.entries(platforms)), batching, hasLocalPaths };
    if (config.models) checkModels(config.models, surroundings, context);
    else if (!config.configSource) {
      context.addIssue({ code: 'custom', path: ['models'], message: 'expected a list of models, or a configSource' });
    }
    // Without a poll no version is found, and a start that insists on one could only fail.
    if (config.startPolicy !== 'none' && config.pollIntervalMs === false) {
      const message = 'needs a poll of the base paths, but pollIntervalMs is false';
      context.addIssue({ code: 'custom', path: ['startPolicy'], message });
    }
  });
}

/** Unknown options are refused. */
function modelServerSchema() {
  const rows = modelServerRows();
  type Shape = { readonly [Name in keyof typeof rows]: (typeof rows)[Name]['schema'] };
  const entries = Object.entries(rows).map(([name, { schema }]) => [name, schema]);
  return strictOptions(Object.fromEntries(entries) as Shape);
}

function modelServerRows() {
  return {
    models: row({
      schema: modelsSchema().optional(),
      type: '[`ModelConfig[]`](#models)',
      default: 'required without `configSource`',
      meaning: 'may be empty',
    }),
    configSource: row({
      schema: configSourceSchema().optional(),
      type: '[`ModelConfigSource`](#config-source)',
      default: 'none',
      meaning: 'gives the list of models again and again ([how](lifecycle.md#changing-models-while-the-server-runs))',
    }),
    platforms: row({
      schema: z.record(z.string(), withMethods<Platform>('a platform', 'createSourceAdapter')),
      type: 'record of `Platform`',
      default: 'required',
      meaning: "what the models' `platform` names, such as `{ tensorflow: savedModelPlatform() }`",
    }),
    startPolicy: row({
      schema: z.enum(['all', 'any', 'none']).default('none'),
      type: "`'all' | 'any' | 'none'`",
      meaning: 'which models must have loaded for the start to succeed',
    }),
    failIfNoModelVersionsFound: row({
      schema: z.boolean().default(false),
      type: 'boolean',
      meaning: 'a base path that is missing or empty fails the start before anything is loaded',
    }),
    servableVersionsAlwaysPresent: row({
      schema: z.boolean().default(false),
      type: 'boolean',
      meaning: 'the same, and a later look that finds no version unloads nothing',
    }),
    storage: row({
      schema: withMethods<Storage>('a storage', 'listChildren', 'join').optional(),
      type: '`Storage`',
      default: "the machine's files",
      meaning: 'where base paths lie',
    }),
    pollIntervalMs: row({
      schema: pollIntervalSchema().default(1000),
      type: "number, `'once'` or `false`",
      meaning: "between polls of the base paths; `'once'` polls at the start alone, `false` never",
    }),
    maxNumLoadRetries: row({
      schema: z.int().min(0).default(5),
      type: 'integer ≥ 0',
      meaning: 'further attempts after a load that failed',
    }),
    loadRetryIntervalMs: row({
      schema: z.number().min(0).max(MAX_TIMER_MS).default(60_000),
      type: 'number',
      meaning: 'before each of them',
    }),
    numLoadThreads: row({
      schema: z.int().min(1).default(1),
      type: 'integer ≥ 1',
      meaning: 'versions that load at once after the start',
    }),
    numUnloadThreads: row({
      schema: z.int().min(1).default(1),
      type: 'integer ≥ 1',
      meaning: 'versions that unload at once',
    }),
    shouldRetryModelLoad: row({
      schema: functionSchema<(error: ServingError) => boolean>().optional(),
      type: '`(error) => boolean`',
      default: 'always',
      meaning: 'whether a load that failed so is tried again',
    }),
    preLoadHook: row({
      schema: functionSchema<(id: ServableId) => void>().optional(),
      type: '`(id) => void`',
      default: 'none',
      meaning: 'called before the first attempt of each load; what it throws is a failed attempt',
    }),
    enableReloadServablesWithError: row({
      schema: z.boolean().default(false),
      type: 'boolean',
      meaning: 'each look tries failed versions again, not only those whose files have changed',
    }),
    resourceLimits: row({
      schema: resourceLimitsSchema().default({}),
      type: '[`ResourceLimits`](#resource-limits)',
      default: 'none',
      meaning: 'what all versions together may hold',
    }),
    insufficientResources: row({
      schema: z.enum(['fail', 'wait']).default('fail'),
      type: "`'fail' | 'wait'`",
      meaning: "what becomes of a load that doesn't fit",
    }),
    allowVersionLabels: row({
      schema: z.boolean().default(true),
      type: 'boolean',
      meaning: 'whether there are labels at all',
    }),
    allowVersionLabelsForUnavailableModels: row({
      schema: z.boolean().default(false),
      type: 'boolean',
      meaning: "a reload may give a new label to a version that isn't available",
    }),
    forceAllowAnyVersionLabelsForUnavailableModels: row({
      schema: z.boolean().default(false),
      type: 'boolean',
      meaning: 'a reload may move a label to such a version',
    }),
    enforceSignatureShapes: row({
      schema: z.boolean().default(true),
      type: 'boolean',
      meaning:
        'inputs must have the rank and the known dimensions that their signature declares; [what would end the process](security.md#shapes-that-end-the-process) is refused either way',
    }),
    batching: row({
      schema: batchingOptionsSchema.optional(),
      type: '[`BatchingOptions`](#batching)',
      default: 'no batching',
      meaning: '`{}` for batching with the defaults',
    }),
    maxKeptBytes: row({
      schema: z.int().min(0).default(DEFAULT_KEPT_BYTES),
      type: 'integer ≥ 0',
      meaning:
        'bytes of buffers that are kept for the next request bodies and batches ([memory](deployment.md#memory)); `0` keeps none',
    }),
    logCollectors: row({
      schema: withMethods<LogCollectorRegistry>('a registry of log collectors', 'register', 'create').default(
        () => new LogCollectorRegistry(),
      ),
      type: '`LogCollectorRegistry`',
      default: 'none',
      meaning: "what the `type` of a model's [`loggingConfig`](#logging) may name",
    }),
    task: row({
      schema: serverTaskSchema().default({}),
      type: '`{ dc?, taskIndex? }`',
      default: '`{}`',
      meaning: 'which server this is, for `perTaskSamplingConfigs` and the metadata of logs',
    }),
    aspiredVersionPolicy: row({
      schema: withMethods<AspiredVersionPolicy>('a version policy', 'getNextAction').default(
        availabilityPreservingPolicy,
      ),
      type: '`AspiredVersionPolicy`',
      default: '`availabilityPreservingPolicy`',
      meaning: 'what is loaded and unloaded in which order',
    }),
    clock: row({
      schema: withMethods<Clock>('a clock', 'now', 'wallTime', 'setTimer').default(systemClock),
      type: '`Clock`',
      default: '`systemClock`',
      meaning: 'where time comes from',
    }),
  };
}

/** The default is the schema's where no other text is given. */
function row<Schema extends z.ZodType>(given: {
  readonly schema: Schema;
  readonly type: string;
  readonly default?: string;
  readonly meaning: string;
}): ModelServerOptionText & { readonly schema: Schema } {
  const { schema, type, meaning } = given;
  if (given.default !== undefined) return { schema, type, meaning, default: given.default };
  const value = schema.parse(undefined) as number | boolean | string;
  return { schema, type, meaning, default: typeof value === 'string' ? `\`'${value}'\`` : value };
}

function functionSchema<F>(): z.ZodType<F> {
  return z.custom<F>((value) => typeof value === 'function', 'expected a function');
}

function resourceLimitsSchema(): z.ZodType<ResourceLimits> {
  const quantity = z.number().min(0);
  return strictOptions({
    ramBytes: quantity.exactOptional(),
    devices: z
      .array(
        strictOptions({
          device: z.string().min(1),
          instance: z.int().min(0).exactOptional(),
          kind: z.string().min(1),
          quantity,
        }),
      )
      .exactOptional(),
  });
}

function isInterval(value: unknown): value is number {
  return typeof value === 'number' && value > 0 && value <= MAX_TIMER_MS;
}

function pollIntervalSchema() {
  return z.custom<PollInterval>(
    (value) => value === 'once' || value === false || isInterval(value),
    `expected a number of milliseconds over 0 and up to ${MAX_TIMER_MS}, 'once' or false`,
  );
}

function configSourceSchema() {
  return withMethods<ModelConfigSource>('a config source', 'read')
    .refine(({ pollIntervalMs }) => pollIntervalMs === false || isInterval(pollIntervalMs), {
      path: ['pollIntervalMs'],
      message: `expected a number of milliseconds over 0 and up to ${MAX_TIMER_MS}, or false`,
    })
    .refine(({ allowEmpty = false }) => typeof allowEmpty === 'boolean', {
      path: ['allowEmpty'],
      message: 'expected true or false',
    });
}
