/** The models to serve, as a user lists them, checked once; inside, everything is present. */
import { resolve } from 'node:path';
import { z } from 'zod';
import {
  type BatchingOptions,
  type ModelBatchingOptions,
  validateModelBatchingOptions,
} from '../../batching/batching-options.js';
import type { Platform } from '../../loader/platform.js';
import { nearestName } from '../../nearest-name.js';
import { type LoggingConfig, loggingConfigSchema } from '../../request-logging/logging-config.js';
import { notAVersion, toVersion, type Version, type VersionLike } from '../../servable/version.js';
import { ServingError } from '../../serving-error.js';
import { localPath } from '../../source/local-path.js';
import type { StoragePath } from '../../source/storage-path.js';
import type { VersionPolicy } from '../../source/version-policy.js';
import { parseConfig, strictOptions } from './invalid-config.js';
import { mustBe } from './issue-text.js';
import { checkOptionNames } from './option-names.js';

/** One model to serve. */
export interface ModelConfig {
  /** What requests call it; unique within a server. */
  readonly name: string;
  /**
   * The folder whose children are the versions. On the machine's own file system a relative one starts at the process's
   * working directory, a `file://` URL is the path that it means, and a URL of another scheme or a `~` is refused. A server with
   * its own `storage` takes every base path as it is.
   */
  readonly basePath: string;
  /** A key of the server's `platforms`. Default `tensorflow`. It stays as long as the model is listed. */
  readonly platform?: string;
  /** Which of the versions found are served. Default: the latest one. */
  readonly versionPolicy?: VersionPolicy;
  /**
   * Whether a base path that has no version folders, and holds `saved_model.pb` or `model.onnx` itself, is served as version 1. Default: false; such a base
   * path is then an error whose hint names the fix.
   */
  readonly unversionedBasePath?: boolean;
  /**
   * Names for versions, for requests. When a model is listed for the first time its labels may point to versions that
   * aren't there yet; they answer once those are available. For later changes see `ModelServer.reload`.
   */
  readonly versionLabels?: Readonly<Record<string, VersionLike>>;
  /**
   * How requests to the model are merged into batches: what differs from the server's `batching`, or `false` for not at all.
   * Default: as the server's, or not at all where that has none. A change counts for versions that are found later.
   */
  readonly batching?: ModelBatchingOptions | false;
  /** Which requests to the model are logged, and where to. Default: none. */
  readonly loggingConfig?: LoggingConfig;
  /**
   * Options of this model for its platform, such as `SavedModelOptions`. The platform checks them. A change applies to versions
   * that are found later. Default: none.
   */
  readonly options?: object;
}

/** All models of a server. */
export interface ModelConfigList {
  /** May be empty. */
  readonly models: readonly ModelConfig[];
}

/** A {@link ModelConfig} with its defaults. */
export interface ValidModelConfig {
  readonly name: string;
  /** Absolute, on the machine's own file system. */
  readonly basePath: StoragePath;
  readonly platform: string;
  readonly versionPolicy: VersionPolicy;
  readonly unversionedBasePath: boolean;
  readonly versionLabels: ReadonlyMap<string, Version>;
  readonly batching?: ModelBatchingOptions | false;
  readonly loggingConfig?: LoggingConfig;
  readonly options?: object;
}

/** What the models of a server are checked against. */
export interface ModelConfigContext {
  readonly platforms: ReadonlyMap<string, Platform>;
  /** Whether base paths are paths of the machine's own file system. */
  readonly hasLocalPaths: boolean;
  /** The defaults of the models' own batching options. */
  readonly batching?: BatchingOptions | undefined;
}

/** @throws ServingError `INVALID_ARGUMENT` that lists every wrong field with its path, such as `models[1].name`. */
export function validateModelConfigList(list: ModelConfigList, context: ModelConfigContext): ValidModelConfig[] {
  const schema = strictOptions({ models: modelsSchema() }).superRefine(({ models }, refinement) =>
    checkModels(models, context, refinement),
  );
  return toValidModels(parseConfig(schema, list).models, context.hasLocalPaths);
}

type OptionalField = 'batching' | 'loggingConfig' | 'options';
type ParsedModel = Required<Omit<ModelConfig, OptionalField | 'versionLabels'>> &
  Pick<ModelConfig, OptionalField> & { readonly versionLabels: Readonly<Record<string, Version>> };

export function modelsSchema(): z.ZodType<ParsedModel[]> {
  const example = "[{ name: 'digits', basePath: './models/digits' }]";
  return z.array(modelSchema(), {
    error: ({ code, input }) => (code === 'invalid_type' ? mustBe(`a list such as ${example}`, input) : undefined),
  });
}

/** What depends on the other models and the server: names that occur twice, unknown platforms, base paths, batching, options. */
export function checkModels(
  models: readonly ParsedModel[],
  { platforms, batching, hasLocalPaths }: ModelConfigContext,
  context: z.core.$RefinementCtx,
): void {
  const names = new Set<string>();
  for (const [i, { name, basePath, platform: platformName, options }] of models.entries()) {
    if (names.has(name)) {
      context.addIssue({
        code: 'custom',
        path: ['models', i, 'name'],
        message: `Illegal to list model ${name} multiple times in config list`,
      });
    }
    names.add(name);
    const platform = platforms.get(platformName);
    if (!platform) {
      context.addIssue({
        code: 'custom',
        path: ['models', i, 'platform'],
        message: `Model ${name} requests unsupported platform ${platformName} ${supported(platformName, [...platforms.keys()])}`,
      });
    }
    const wrongOptions = platform && options && problemOf(() => checkOptions(platform, options));
    if (wrongOptions) context.addIssue({ code: 'custom', path: ['models', i, 'options'], message: wrongOptions });
    const own = models[i]!.batching;
    const wrongBatching = own && problemOf(() => validateModelBatchingOptions(own, batching));
    if (wrongBatching) context.addIssue({ code: 'custom', path: ['models', i, 'batching'], message: wrongBatching });
    const wrongPath = hasLocalPaths && problemOf(() => localPath(basePath));
    if (wrongPath) context.addIssue({ code: 'custom', path: ['models', i, 'basePath'], message: wrongPath });
  }
}

function supported(name: string, known: readonly string[]): string {
  if (known.length === 0) return '(supported: none): pass platforms, such as { tensorflow: savedModelPlatform() }';
  const near = nearestName(name, known);
  return `(supported: ${known.join(', ')})${near === undefined ? '' : `: did you mean "${near}"?`}`;
}

function checkOptions(platform: Platform, options: object): void {
  if (platform.checkModelOptions) platform.checkModelOptions(options);
  else checkOptionNames(options, [], 'a model whose platform has no options');
}

function problemOf(check: () => unknown): string | undefined {
  try {
    check();
    return undefined;
  } catch (error) {
    return ServingError.from(error).message;
  }
}

export function toValidModels(models: readonly ParsedModel[], hasLocalPaths: boolean): ValidModelConfig[] {
  return models.map(({ basePath, versionLabels, batching, ...model }) => ({
    ...model,
    ...(batching !== undefined && { batching }),
    basePath: hasLocalPaths ? resolve(localPath(basePath)) : basePath,
    versionLabels: new Map(Object.entries(versionLabels)),
  }));
}

function modelSchema(): z.ZodType<ParsedModel> {
  const version = versionSchema();
  return strictOptions({
    name: z.string().min(1),
    basePath: z.string().min(1),
    platform: z.string().min(1).default('tensorflow'),
    versionPolicy: z
      .union([
        strictOptions({ latest: strictOptions({ numVersions: z.int().min(1) }) }),
        strictOptions({ all: strictOptions({}) }),
        strictOptions({ specific: strictOptions({ versions: z.array(version) }) }),
      ])
      .default({ latest: { numVersions: 1 } }),
    unversionedBasePath: z.boolean().default(false),
    versionLabels: z.record(z.string().min(1), version).default({}),
    batching: z
      .custom<ModelBatchingOptions | false>(
        (value) => value === false || (typeof value === 'object' && value !== null),
        'expected batching options, or false',
      )
      .exactOptional(),
    loggingConfig: loggingConfigSchema().exactOptional(),
    options: z
      .custom<object>(
        (value) => typeof value === 'object' && value !== null && !Array.isArray(value),
        'expected an object',
      )
      .exactOptional(),
  });
}

function versionSchema(): z.ZodType<Version> {
  return z.custom<VersionLike>().transform((value, context) => {
    const version = toVersion(value);
    if (version !== undefined) return version;
    context.addIssue({ code: 'custom', message: notAVersion(value) });
    return z.NEVER;
  });
}
