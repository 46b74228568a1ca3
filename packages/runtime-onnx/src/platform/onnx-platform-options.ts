/** The options of ONNX models: those of a platform, and what differs for one model. */
import { checkOptions, type OptionsTable, optionKinds } from '@serving/core/internal';
import type { Isolation, ModelProcessOptions } from '@serving/engine';
import { checkModelProcessOptions, isolationOption, modelProcessOption } from '@serving/engine/internal';
import { type OnnxLibraryOptions, onnxLibraryOptions } from '../open-onnx-context.js';
import type { WeightsMode } from '../session/session-options.js';
import type { OnnxWarmupTarget } from './onnx-loader.js';

/** Options of one model (`models[].options`), which replace those of its platform one by one. */
export interface OnnxModelOptions {
  /**
   * `packed` (default): kernels keep weights in a layout of their own, for the fastest runs. `mapped`: weights in files of external data
   * stay there, shared between processes, for little memory and quick loads.
   */
  readonly weights?: WeightsMode;
  /** Threads within one kernel; 0 lets ONNX Runtime choose. Default: 1, as concurrency comes from requests. */
  readonly intraOpThreads?: number;
  /**
   * Whether each version runs in a process of its own (`process`), whose end takes no other model and not the host along. Default:
   * `none`.
   */
  readonly isolation?: Isolation;
  /** Limits of such a process, and what it is given. Default: its own defaults. */
  readonly process?: ModelProcessOptions;
}

/** How ONNX models are loaded and run. */
export interface OnnxPlatformOptions extends OnnxLibraryOptions, OnnxModelOptions {
  /**
   * Warms a version up before it becomes available; a rejection fails its load. `warmUp` of `@serving/savedmodel` fits, which runs the
   * requests of `assets.extra/tf_serving_warmup_requests` in the version's folder. Default: none.
   */
  readonly warmup?: (directory: string, target: OnnxWarmupTarget) => Promise<unknown>;
}

/** The options of one model by name. */
export const onnxModelOptions: OptionsTable<OnnxModelOptions> = {
  weights: {
    ...optionKinds.oneOf('packed', 'mapped'),
    default: "`'packed'`",
    meaning: 'kernels keep weights in a layout of their own, or they stay in their file, mapped and shared',
  },
  intraOpThreads: {
    ...optionKinds.integer(0),
    default: 1,
    meaning: 'threads within one kernel; 0 lets ONNX Runtime choose',
  },
  isolation: isolationOption,
  process: modelProcessOption,
};

/** The options of the platform by name. */
export const onnxPlatformOptions: OptionsTable<OnnxPlatformOptions> = {
  ...onnxModelOptions,
  ...onnxLibraryOptions,
  warmup: { ...optionKinds.callback, default: 'none', meaning: 'what runs before a version is available' },
};

/**
 * Checks options that come from outside.
 *
 * @throws ServingError `INVALID_ARGUMENT` for an unknown option or a value of another kind.
 */
export function checkOnnxPlatformOptions<T extends OnnxModelOptions>(
  options: object,
  table: OptionsTable<T>,
  what: string,
): void {
  checkOptions(options, table, what);
  const { process } = options as OnnxModelOptions;
  if (process !== undefined) checkModelProcessOptions(process, `"process" of ${what}`);
}
