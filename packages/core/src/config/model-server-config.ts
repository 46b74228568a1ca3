/** What a model server is told at its start, checked once; inside, everything is present. */
import { resolve } from 'node:path';
import { z } from 'zod';
import { type Clock, systemClock } from '../clock.js';
import type { AspiredVersionPolicy } from '../manager/aspired-version-policy.js';
import { availabilityPreservingPolicy } from '../manager/availability-preserving-policy.js';
import type { Platform } from '../platform.js';
import { ServingError } from '../serving-error.js';
import type { VersionPolicy } from '../source/version-policy.js';

/** The longest delay that `setTimeout` knows. */
const MAX_TIMER_MS = 2 ** 31 - 1;

/** One model to serve. */
export interface ModelConfig {
  /** What requests call it; unique within a server. */
  readonly name: string;
  /** The folder whose children are the versions. A relative one starts at the process's working directory. */
  readonly basePath: string;
  /** A key of the server's `platforms`. Default `tensorflow`. */
  readonly platform?: string;
  /** Which of the versions found are served. Default: the latest one. */
  readonly versionPolicy?: VersionPolicy;
  /** Names for versions, for requests. A label may point to a version that isn't there yet; it answers once that is available. */
  readonly versionLabels?: Readonly<Record<string, number>>;
}

/** Everything about a server but its listeners. */
export interface ModelServerConfig {
  /** May be empty. */
  readonly models: readonly ModelConfig[];
  /** What the models' `platform` names. */
  readonly platforms: Readonly<Record<string, Platform>>;
  /** Seconds between looks at the base paths. Default 1; 0 looks once, a negative number never. */
  readonly fileSystemPollWaitSeconds?: number;
  /** Further attempts to load a version after a failed one. Default 5. */
  readonly maxNumLoadRetries?: number;
  /** Microseconds before each of them. Default 60,000,000. */
  readonly loadRetryIntervalMicros?: number;
  /** Versions that load at once, after the start. Default 0, which means 1. At the start more do, so that it is quick. */
  readonly numLoadThreads?: number;
  /** Versions that unload at once. Default 0, which means 1. */
  readonly numUnloadThreads?: number;
  /**
   * Whether a label may be pointed at a version that is not available when the configuration changes. Default false.
   * The labels that a server starts with may always.
   */
  readonly allowVersionLabelsForUnavailableModels?: boolean;
  /** What is loaded and unloaded in which order. Default {@link availabilityPreservingPolicy}. */
  readonly aspiredVersionPolicy?: AspiredVersionPolicy;
  /** Default {@link systemClock}. */
  readonly clock?: Clock;
}

/** A {@link ModelConfig} with its defaults. */
interface ValidModelConfig {
  readonly name: string;
  /** Absolute. */
  readonly basePath: string;
  readonly platform: string;
  readonly versionPolicy: VersionPolicy;
  readonly versionLabels: ReadonlyMap<string, number>;
}

/** A {@link ModelServerConfig} with its defaults. */
export interface ValidModelServerConfig {
  readonly models: readonly ValidModelConfig[];
  readonly platforms: ReadonlyMap<string, Platform>;
  readonly fileSystemPollWaitSeconds: number;
  readonly maxNumLoadRetries: number;
  readonly loadRetryIntervalMs: number;
  readonly numLoadThreads: number;
  readonly numUnloadThreads: number;
  readonly allowVersionLabelsForUnavailableModels: boolean;
  readonly aspiredVersionPolicy: AspiredVersionPolicy;
  readonly clock: Clock;
}

/** @throws ServingError `INVALID_ARGUMENT` that lists every wrong field with its path, such as `models[1].name`. */
export function validateModelServerConfig(config: ModelServerConfig): ValidModelServerConfig {
  const result = configSchema().safeParse(config);
  if (!result.success) throw invalidConfig(result.error.issues);
  const { models, platforms, loadRetryIntervalMicros, numLoadThreads, numUnloadThreads, ...rest } = result.data;
  return {
    ...rest,
    loadRetryIntervalMs: loadRetryIntervalMicros / 1000,
    numLoadThreads: Math.max(numLoadThreads, 1),
    numUnloadThreads: Math.max(numUnloadThreads, 1),
    platforms: new Map(Object.entries(platforms)),
    models: models.map((model) => ({
      ...model,
      basePath: resolve(model.basePath),
      versionLabels: new Map(Object.entries(model.versionLabels)),
    })),
  };
}

function configSchema() {
  return z
    .strictObject({
      models: z.array(modelSchema()),
      platforms: z.record(z.string(), withMethods<Platform>('a platform', 'createSourceAdapter')),
      fileSystemPollWaitSeconds: z
        .number()
        .max(MAX_TIMER_MS / 1000)
        .default(1),
      maxNumLoadRetries: z.int().min(0).default(5),
      loadRetryIntervalMicros: z
        .number()
        .min(0)
        .max(MAX_TIMER_MS * 1000)
        .default(60_000_000),
      numLoadThreads: z.int().min(0).default(0),
      numUnloadThreads: z.int().min(0).default(0),
      allowVersionLabelsForUnavailableModels: z.boolean().default(false),
      aspiredVersionPolicy: withMethods<AspiredVersionPolicy>('a version policy', 'getNextAction').default(
        availabilityPreservingPolicy,
      ),
      clock: withMethods<Clock>('a clock', 'now', 'wallTime', 'setTimer').default(systemClock),
    })
    .superRefine(({ models, platforms }, context) => {
      const names = new Set<string>();
      for (const [i, { name, platform }] of models.entries()) {
        if (names.has(name)) {
          context.addIssue({
            code: 'custom',
            path: ['models', i, 'name'],
            message: `Illegal to list model ${name} multiple times in config list`,
          });
        }
        names.add(name);
        if (!Object.hasOwn(platforms, platform)) {
          context.addIssue({
            code: 'custom',
            path: ['models', i, 'platform'],
            message: `Model ${name} requests unsupported platform ${platform} (supported: ${Object.keys(platforms).join(', ') || 'none'})`,
          });
        }
      }
    });
}

function modelSchema() {
  const version = z.int();
  return z.strictObject({
    name: z.string().min(1),
    basePath: z.string().min(1),
    platform: z.string().min(1).default('tensorflow'),
    versionPolicy: z
      .union([
        z.strictObject({ latest: z.strictObject({ numVersions: z.int().min(1) }) }),
        z.strictObject({ all: z.strictObject({}) }),
        z.strictObject({ specific: z.strictObject({ versions: z.array(version) }) }),
      ])
      .default({ latest: { numVersions: 1 } }),
    versionLabels: z.record(z.string().min(1), version).default({}),
  });
}

/** An object that is handed through as it is, if it has these methods. */
function withMethods<T>(what: string, ...methods: readonly (keyof T & string)[]) {
  return z.custom<T>(
    (value) => typeof value === 'object' && value !== null && methods.every((name) => isMethod(value, name)),
    `expected ${what}, an object with ${methods.join(', ')}`,
  );
}

function isMethod(value: object, name: string): boolean {
  return typeof (value as Readonly<Record<string, unknown>>)[name] === 'function';
}

function invalidConfig(issues: readonly z.core.$ZodIssue[]): ServingError {
  const lines = issues.flatMap((issue) => describeIssue(issue, []));
  return new ServingError('INVALID_ARGUMENT', `Invalid model server configuration: ${lines.join('; ')}`);
}

/** A union's own issue only says that nothing fits; the issues of the member that was most likely meant say what is wrong. */
function describeIssue(issue: z.core.$ZodIssue, above: readonly PropertyKey[]): string[] {
  const path = [...above, ...issue.path];
  if (issue.code === 'invalid_union') {
    const meant = issue.errors.find((issues) => issues.every(({ code }) => code !== 'unrecognized_keys'));
    if (meant?.some((inner) => inner.path.length > 1)) return meant.flatMap((inner) => describeIssue(inner, path));
    return [
      `${formatPath(path)}: expected one of { latest: { numVersions } }, { all: {} }, { specific: { versions } }`,
    ];
  }
  return [`${formatPath(path)}: ${issue.message}`];
}

function formatPath(path: readonly PropertyKey[]): string {
  return (
    path.reduce<string>((text, key) => {
      if (typeof key === 'number') return `${text}[${key}]`;
      return text === '' ? String(key) : `${text}.${String(key)}`;
    }, '') || 'options'
  );
}
