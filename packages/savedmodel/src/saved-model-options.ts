/** The options of SavedModels: those of a platform, and what differs for one model. */
import { checkOptionNames, checkOptions, type OptionsTable, optionKinds } from '@serving/core/internal';
import {
  type EngineName,
  engineNames,
  type Isolation,
  type ModelProcessOptions,
  type SavedModelRuntime,
  type SessionOptions,
} from '@serving/engine';
import { checkModelProcessOptions, isolationOption, modelProcessOption } from '@serving/engine/internal';
import type { OnnxRuntimeOptions } from '@serving/runtime-onnx';
import type { EmptyRequestsRule } from './empty-requests.js';
import type { WarmupOptions } from './warmup/saved-model-warmup.js';

/**
 * How SavedModels are loaded and run: all models of a platform (`savedModelPlatform(options)`), or one (`models[].options`), whose
 * options replace the platform's one by one.
 */
export interface SavedModelOptions extends SessionOptions {
  /**
   * What runs the model: the name of an engine, which is made at the first load and closed with the platform, or an engine, which
   * stays its owner's. `auto` is TensorFlow where its library is installed, ONNX Runtime elsewhere. Default: `auto`.
   */
  readonly engine?: EngineName | 'auto' | SavedModelRuntime;
  /** How ONNX Runtime runs the model, where that is its engine. An engine is made for each choice. Default: its own defaults. */
  readonly onnx?: OnnxRuntimeOptions;
  /**
   * Whether each version runs in a process of its own (`process`), whose end takes no other model and not the host along. It has its own
   * threads then: `intraOpThreads` and `interOpThreads` are the model's. Default: `none`.
   */
  readonly isolation?: Isolation;
  /** Limits of such a process, and what it is given. Default: its own defaults. */
  readonly process?: ModelProcessOptions;
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

const choices: readonly (EngineName | 'auto')[] = ['auto', ...engineNames];

/** The options by name. */
export const savedModelOptions: OptionsTable<SavedModelOptions> = {
  engine: {
    type: `${choices.map((name) => `\`'${name}'\``).join(', ')} or a \`SavedModelRuntime\``,
    expected: `${choices.map((name) => `"${name}"`).join(', ')} or an engine`,
    accepts: (value) => choices.includes(value as EngineName) || isEngine(value),
    default: "`'auto'`",
    meaning: 'what runs the models; `auto` is TensorFlow where its library is installed, ONNX Runtime elsewhere',
  },
  onnx: {
    type: '[`OnnxRuntimeOptions`](#onnxruntime)',
    expected: 'an object',
    accepts: (value) => isObject(value),
    default: '`{}`',
    meaning: 'how ONNX Runtime runs the models, where it does',
  },
  isolation: isolationOption,
  process: modelProcessOption,
  tags: {
    ...optionKinds.list('strings', 'a list of strings', (tag) => typeof tag === 'string'),
    default: "`['serve']`",
    meaning: 'the meta graph to load',
  },
  intraOpThreads: {
    ...optionKinds.integer(0),
    default: '0: one for small models, processors for others',
    meaning:
      'threads within one kernel; a number for the first model is for all of the process together ([threads](../guides/running-tensorflow.md#tensorflows-threads))',
  },
  interOpThreads: {
    ...optionKinds.integer(0),
    default: '0: TensorFlow chooses',
    meaning:
      "threads for kernels side by side, for all models of the process together; only with `interOpThreadPool: 'shared'`",
  },
  configProto: {
    type: '`Uint8Array`',
    expected: 'a Uint8Array',
    accepts: (value) => value instanceof Uint8Array,
    default: 'none',
    meaning:
      'a serialized `tensorflow.ConfigProto` for TensorFlow, as it is; numbers of threads above 0 replace its own',
  },
  enableSignatureMethodNameCheck: {
    ...optionKinds.boolean,
    default: false,
    meaning: 'refuse signatures of other methods',
  },
  padEmptyRequests: {
    ...optionKinds.oneOf('always', 'where-needed'),
    default: "`'always'`",
    meaning:
      'which requests without rows are run with one row of zeros, cut off again, where every input and output has a free first dimension and no operation is stateful: all, or those that TensorFlow answers in a wrong shape',
  },
  warmup: {
    type: '[`WarmupOptions`](#warmup) or `false`',
    expected: 'an object or false',
    accepts: (value) => value === false || isObject(value),
    default: "the version's own requests, once each",
    meaning: 'what runs before a version is available',
  },
};

/** The options of `warmup` by name. */
export const warmupOptions: OptionsTable<WarmupOptions> = {
  numRequestIterations: { ...optionKinds.integer(1), default: 1, meaning: 'times that each request runs' },
  numModelWarmupThreads: { ...optionKinds.integer(1), default: 1, meaning: 'requests that run at once' },
  requests: {
    type: 'path or function',
    expected: 'a path or a function',
    accepts: (value) => typeof value === 'string' || typeof value === 'function',
    default: 'none',
    meaning: 'more requests than the version brings ([warm-up](command-line.md#warm-up))',
  },
};

const isObject = (value: unknown): boolean => typeof value === 'object' && value !== null && !Array.isArray(value);

/**
 * Checks options that come from outside.
 *
 * @param what the object, for the error
 * @throws ServingError `INVALID_ARGUMENT` for an unknown option, with a "did you mean", or a value of another kind.
 */
export function checkSavedModelOptions(options: object, what: string): asserts options is SavedModelOptions {
  checkOptions(options, savedModelOptions, what);
  const { warmup, onnx, process } = options as SavedModelOptions;
  if (isObject(warmup)) checkOptions(warmup, warmupOptions, `"warmup" of ${what}`);
  if (process !== undefined) checkModelProcessOptions(process, `"process" of ${what}`);
  // Its package, which has the table, is loaded only where it runs a model.
  if (onnx !== undefined) checkOptionNames(onnx, onnxOptionNames, `"onnx" of ${what}`);
}

const onnxOptionNames: readonly (keyof OnnxRuntimeOptions)[] = [
  'libraryPath',
  'runMode',
  'maxConcurrentRuns',
  'logs',
  'strict',
  'float64',
  'nan',
  'guards',
  'weights',
  'copyWeights',
  'intraOpThreads',
];

function isEngine(value: unknown): boolean {
  return isObject(value) && typeof (value as SavedModelRuntime).load === 'function';
}
