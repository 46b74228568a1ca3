/** Finds and loads ONNX Runtime. */
import { type Clock, systemClock } from '@serving/core/extend';
import { type OptionsTable, optionKinds } from '@serving/core/internal';
import { findLibrary, type RunMode } from '@serving/engine';
import { NativeDisposal, NativeRuns, poolSlots } from '@serving/engine/native';
import { loadOnnxRuntimeApi } from './native/c-api.js';
import { OutputReader } from './native/output-reader.js';
import type { OnnxContext } from './session/onnx-context.js';

/** Which library runs models, and where their runs happen. */
export interface OnnxLibraryOptions {
  /** ONNX Runtime's library, or the folder that holds it. Default: what `findLibrary({ engine: 'onnx' })` finds. */
  readonly libraryPath?: string;
  /**
   * Where runs happen. `auto` (default): on a thread, until 95 % of a signature's runs have shown to take less than 200 µs;
   * those are made inline, and one slow run sends them back. `thread`: always on a thread. `inline`: always on the caller's
   * thread, which a long run blocks; for scripts.
   */
  readonly runMode?: RunMode;
  /**
   * How many runs, loads and unloads may be on libuv's thread pool at a time; more wait their turn. Models take turns. Default: the
   * number of cores, 3 at most.
   */
  readonly maxConcurrentRuns?: number;
  /** Whether ONNX Runtime may write warnings to stderr. Default: false. */
  readonly logs?: boolean;
}

/** The options by name. */
export const onnxLibraryOptions: OptionsTable<OnnxLibraryOptions> = {
  libraryPath: { ...optionKinds.text, default: 'looked up', meaning: "ONNX Runtime's library, or its folder" },
  runMode: {
    ...optionKinds.oneOf('auto', 'thread', 'inline'),
    default: "`'auto'`",
    meaning: "where runs happen: on libuv's pool, or on the caller's thread once they take less than 200 µs",
  },
  maxConcurrentRuns: {
    ...optionKinds.integer(1),
    default: 'the number of cores, 3 at most',
    meaning: "runs, loads and unloads on libuv's pool at a time",
  },
  logs: { ...optionKinds.boolean, default: false, meaning: 'whether ONNX Runtime writes warnings to stderr' },
};

/**
 * Loads the library, which stays in the process, and makes what its models share.
 *
 * @throws ServingError `FAILED_PRECONDITION` when the library is missing, with what was tried, or when it can't be loaded;
 * `INVALID_ARGUMENT` for a `maxConcurrentRuns` that is not a whole number from 1.
 */
export async function openOnnxContext(
  options: OnnxLibraryOptions = {},
  clock: Clock = systemClock,
): Promise<OnnxContext> {
  const { libraryPath, runMode = 'auto', maxConcurrentRuns, logs = false } = options;
  const slots = poolSlots(maxConcurrentRuns, clock);
  const { path } = await findLibrary({ engine: 'onnx', ...(libraryPath !== undefined && { libraryPath }) });
  const api = await loadOnnxRuntimeApi(path, logs);
  return {
    api,
    path,
    outputs: new OutputReader(api),
    disposal: new NativeDisposal(api.releaseValues),
    slots,
    runs: new NativeRuns(clock, runMode),
  };
}
