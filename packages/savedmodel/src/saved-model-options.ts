/** The options of SavedModels: those of a platform, and what differs for one model. */
import { ServingError } from '@serving/core';
import { checkOptionNames } from '@serving/core/internal';
import { type EngineName, engineNames, type SavedModelRuntime, type SessionOptions } from '@serving/engine';
import type { EmptyRequestsRule } from './empty-requests.js';
import type { WarmupOptions } from './warmup/saved-model-warmup.js';

/**
 * How SavedModels are loaded and run: all models of a platform (`savedModelPlatform(options)`), or one (`models[].options`), whose
 * options replace the platform's one by one.
 */
export interface SavedModelOptions extends SessionOptions {
  /**
   * What runs the model: the name of an engine, which is made at the first load and closed with the platform, or an engine, which
   * stays its owner's. Default: `tensorflow`.
   */
  readonly engine?: EngineName | SavedModelRuntime;
  /** The tags of the meta graph to load. Default: `['serve']`. */
  readonly tags?: readonly string[];
  /**
   * Refuse signatures whose method name is none of predict, classify and regress, and to Classify and Regress those whose
   * method name isn't theirs. Default: false.
   */
  readonly enableSignatureMethodNameCheck?: boolean;
  /**
   * Which requests without rows (inputs of shape `[0, …]`) are run with one row of zeros, which is cut off again, where every input
   * and output has a free first dimension and the signature has no stateful operation: all of them, or those that TensorFlow itself answers in a
   * wrong shape (`where-needed`). Default: `always`.
   */
  readonly padEmptyRequests?: EmptyRequestsRule;
  /**
   * How a version is warmed up before it becomes available, or `false` for not at all. Default: the requests of its
   * `assets.extra/tf_serving_warmup_requests`, once each. A request that fails fails the load.
   */
  readonly warmup?: WarmupOptions | false;
}

interface OptionCheck {
  readonly expected: string;
  readonly accepts: (value: unknown) => boolean;
}

const isObject = (value: unknown): boolean => typeof value === 'object' && value !== null && !Array.isArray(value);
const threads: OptionCheck = {
  expected: 'an integer of at least 0',
  accepts: (value) => Number.isSafeInteger(value) && (value as number) >= 0,
};

/** One entry an option. */
const optionChecks: Readonly<Record<keyof SavedModelOptions, OptionCheck>> = {
  engine: {
    expected: `${engineNames.map((name) => `"${name}"`).join(', ')} or an engine`,
    accepts: (value) => engineNames.includes(value as EngineName) || isEngine(value),
  },
  tags: {
    expected: 'a list of strings',
    accepts: (value) => Array.isArray(value) && value.every((tag) => typeof tag === 'string'),
  },
  intraOpThreads: threads,
  interOpThreads: threads,
  configProto: { expected: 'a Uint8Array', accepts: (value) => value instanceof Uint8Array },
  enableSignatureMethodNameCheck: { expected: 'true or false', accepts: (value) => typeof value === 'boolean' },
  padEmptyRequests: {
    expected: '"always" or "where-needed"',
    accepts: (value) => value === 'always' || value === 'where-needed',
  },
  warmup: { expected: 'an object or false', accepts: (value) => value === false || isObject(value) },
};

const warmupNames: readonly (keyof WarmupOptions)[] = ['numRequestIterations', 'numModelWarmupThreads', 'requests'];

/**
 * Checks options that come from outside.
 *
 * @param what the object, for the error
 * @throws ServingError `INVALID_ARGUMENT` for an unknown option, with a "did you mean", or a value of another kind.
 */
export function checkSavedModelOptions(options: object, what: string): asserts options is SavedModelOptions {
  checkOptionNames(options, Object.keys(optionChecks), what);
  for (const [name, value] of Object.entries(options)) {
    const { expected, accepts } = optionChecks[name as keyof SavedModelOptions];
    if (name === 'warmup' && isObject(value)) checkOptionNames(value, warmupNames, `"warmup" of ${what}`);
    if (value !== undefined && !accepts(value)) {
      throw ServingError.invalidArgument(`Option "${name}" of ${what} must be ${expected}, got ${shown(value)}`);
    }
  }
}

function isEngine(value: unknown): boolean {
  return isObject(value) && typeof (value as SavedModelRuntime).load === 'function';
}

function shown(value: unknown): string {
  if (value !== null && typeof value === 'object') return Array.isArray(value) ? 'a list' : 'an object';
  return typeof value === 'string' ? JSON.stringify(value.slice(0, 64)) : String(value);
}
