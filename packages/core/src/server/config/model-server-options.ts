/** The options of a model server by name: the schema of each, and its row in the docs. */
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
import { parseConfig, strictOptions, withMethods } from './invalid-config.js';
import { mustBe } from './issue-text.js';
import { checkModels, modelsSchema, toValidModels } from './model-config.js';
import type { ModelConfigSource } from './model-config-source.js';
import type { ModelServerConfig, ValidModelServerConfig } from './model-server-config.js';
import { type OptionText, schemaOfRows, schemaRow } from './schema-rows.js';

/** The longest delay that `setTimeout` supports. */
const MAX_TIMER_MS = 2 ** 31 - 1;

/** In the docs' order. */
export function modelServerOptionTexts(): Readonly<Record<string, OptionText>> {
  return {
    ...modelServerRows(),
    on: { type: 'listeners by event', default: 'none', meaning: 'subscribed before the first load' },
  };
}

/** @throws ServingError `INVALID_ARGUMENT` that lists every wrong field with its path, such as `models[1].name`. */
export function validateModelServerConfig(config: ModelServerConfig): ValidModelServerConfig {
  const {
    models,
    configSource,
    shouldRetryModelLoad,
    preLoadHook,
    batching,
    platforms,
    storage = localStorage,
    ...rest
  } = parseConfig(configSchema(), config);
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
  return schemaOfRows(modelServerRows()).superRefine((config, context) => {
    const { platforms, batching, storage = localStorage } = config;
    const hasLocalPaths = storage === localStorage;
    const surroundings = { platforms: new Map(Object.entries(platforms)), batching, hasLocalPaths };
    if (config.models) checkModels(config.models, surroundings, context);
    else if (!config.configSource) {
      context.addIssue({
        code: 'custom',
        path: ['models'],
        message: 'missing: must be a list of models, unless there is a configSource',
      });
    }
    // Without a poll no version is found, and a start that insists on one could only fail.
    if (config.startPolicy !== 'none' && config.pollIntervalMs === false) {
      const message = 'needs a poll of the base paths, but pollIntervalMs is false';
      context.addIssue({ code: 'custom', path: ['startPolicy'], message });
    }
  });
}

function modelServerRows() {
  return {
    models: schemaRow({
      schema: modelsSchema().optional(),
      type: '[`ModelConfig[]`](#models)',
      default: 'required without `configSource`',
      meaning: 'may be empty',
    }),
    configSource: schemaRow({
      schema: configSourceSchema().optional(),
      type: '[`ModelConfigSource`](#config-source)',
      default: 'none',
      meaning:
        'gives the list of models again and again ([how](../guides/lifecycle.md#changing-models-while-the-server-runs))',
    }),
    platforms: schemaRow({
      schema: z.record(z.string(), withMethods<Platform>('a platform', 'createSourceAdapter'), {
        error: ({ input }) =>
          mustBe('an object of platforms by name, such as { tensorflow: savedModelPlatform() }', input),
      }),
      type: 'record of `Platform`',
      default: 'required',
      meaning: "what the models' `platform` names, such as `{ tensorflow: savedModelPlatform() }`",
    }),
    startPolicy: schemaRow({
      schema: z.enum(['all', 'any', 'none']).default('none'),
      type: "`'all' | 'any' | 'none'`",
      meaning: 'which models must have loaded for the start to succeed',
    }),
    failIfNoModelVersionsFound: schemaRow({
      schema: z.boolean().default(false),
      type: 'boolean',
      meaning: 'a base path that is missing or empty fails the start before anything is loaded',
    }),
    servableVersionsAlwaysPresent: schemaRow({
      schema: z.boolean().default(false),
      type: 'boolean',
      meaning: 'the same, and a later look that finds no version unloads nothing',
    }),
    storage: schemaRow({
      schema: withMethods<Storage>('a storage', 'listChildren', 'join').optional(),
      type: '`Storage`',
      default: "the machine's files",
      meaning: 'where base paths lie',
    }),
    pollIntervalMs: schemaRow({
      schema: pollIntervalSchema().default(1000),
      type: "number, `'once'` or `false`",
      meaning: "between polls of the base paths; `'once'` polls at the start alone, `false` never",
    }),
    maxNumLoadRetries: schemaRow({
      schema: z.int().min(0).default(5),
      type: 'integer ≥ 0',
      meaning: 'further attempts after a load that failed',
    }),
    loadRetryIntervalMs: schemaRow({
      schema: z.number().min(0).max(MAX_TIMER_MS).default(60_000),
      type: 'number',
      meaning: 'before each of them',
    }),
    numLoadThreads: schemaRow({
      schema: z.int().min(1).default(1),
      type: 'integer ≥ 1',
      meaning: 'versions that load at once after the start',
    }),
    numUnloadThreads: schemaRow({
      schema: z.int().min(1).default(1),
      type: 'integer ≥ 1',
      meaning: 'versions that unload at once',
    }),
    shouldRetryModelLoad: schemaRow({
      schema: functionSchema<(error: ServingError) => boolean>().optional(),
      type: '`(error) => boolean`',
      default: 'always',
      meaning: 'whether a load that failed so is tried again',
    }),
    preLoadHook: schemaRow({
      schema: functionSchema<(id: ServableId) => void>().optional(),
      type: '`(id) => void`',
      default: 'none',
      meaning: 'called before the first attempt of each load; what it throws is a failed attempt',
    }),
    enableReloadServablesWithError: schemaRow({
      schema: z.boolean().default(false),
      type: 'boolean',
      meaning: 'each look tries failed versions again, not only those whose files have changed',
    }),
    resourceLimits: schemaRow({
      schema: resourceLimitsSchema().default({}),
      type: '[`ResourceLimits`](#resource-limits)',
      default: 'none',
      meaning: 'what all versions together may hold',
    }),
    insufficientResources: schemaRow({
      schema: z.enum(['fail', 'wait']).default('fail'),
      type: "`'fail' | 'wait'`",
      meaning: "what becomes of a load that doesn't fit",
    }),
    allowVersionLabels: schemaRow({
      schema: z.boolean().default(true),
      type: 'boolean',
      meaning: 'whether there are labels at all',
    }),
    allowVersionLabelsForUnavailableModels: schemaRow({
      schema: z.boolean().default(false),
      type: 'boolean',
      meaning: "a reload may give a new label to a version that isn't available",
    }),
    forceAllowAnyVersionLabelsForUnavailableModels: schemaRow({
      schema: z.boolean().default(false),
      type: 'boolean',
      meaning: 'a reload may move a label to such a version',
    }),
    enforceSignatureShapes: schemaRow({
      schema: z.boolean().default(true),
      type: 'boolean',
      meaning:
        'inputs must have the rank and the known dimensions that their signature declares; [what would end the process](../guides/security.md#shapes-that-end-the-process) is refused either way',
    }),
    batching: schemaRow({
      schema: batchingOptionsSchema.optional(),
      type: '[`BatchingOptions`](#batching)',
      default: 'no batching',
      meaning: '`{}` for batching with the defaults',
    }),
    maxKeptBytes: schemaRow({
      schema: z.int().min(0).default(DEFAULT_KEPT_BYTES),
      type: 'integer ≥ 0',
      meaning:
        'bytes of buffers that are kept for the next request bodies and batches ([memory](../guides/deployment.md#memory)); `0` keeps none',
    }),
    logCollectors: schemaRow({
      schema: withMethods<LogCollectorRegistry>('a registry of log collectors', 'register', 'create').default(
        () => new LogCollectorRegistry(),
      ),
      type: '`LogCollectorRegistry`',
      default: 'none',
      meaning: "what the `type` of a model's [`loggingConfig`](#logging) may name",
    }),
    task: schemaRow({
      schema: serverTaskSchema().default({}),
      type: '`{ dc?, taskIndex? }`',
      default: '`{}`',
      meaning: 'which server this is, for `perTaskSamplingConfigs` and the metadata of logs',
    }),
    aspiredVersionPolicy: schemaRow({
      schema: withMethods<AspiredVersionPolicy>('a version policy', 'getNextAction').default(
        availabilityPreservingPolicy,
      ),
      type: '`AspiredVersionPolicy`',
      default: '`availabilityPreservingPolicy`',
      meaning: 'what is loaded and unloaded in which order',
    }),
    clock: schemaRow({
      schema: withMethods<Clock>('a clock', 'now', 'wallTime', 'setTimer').default(systemClock),
      type: '`Clock`',
      default: '`systemClock`',
      meaning: 'where time comes from',
    }),
  };
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
