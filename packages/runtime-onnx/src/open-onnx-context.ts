/** Finds and loads ONNX Runtime. */
import { randomUUID } from 'node:crypto';
import { type Clock, systemClock } from '@serving/core/extend';
import { type OptionsTable, optionKinds } from '@serving/core/internal';
import { findLibrary, type RunMode, RunSlots } from '@serving/engine';
import { NativeDisposal, NativeRuns, poolSlots, threadUsage } from '@serving/engine/native';
import { loadOnnxRuntimeApi } from './native/c-api.js';
import { OutputReader } from './native/output-reader.js';
import type { OnnxContext, OnnxContextOptions, SharedOnnxContext } from './session/onnx-context.js';

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
  const { runMode = 'auto', maxConcurrentRuns, logs = false } = options;
  const slots = poolSlots(maxConcurrentRuns, clock);
  const path = await findOnnxLibrary(options);
  return contextAt({ path, logs, runMode }, slots, clock);
}

/** This thread's contexts, by those of the threads that load models. */
const contexts = new Map<string, Promise<OnnxContext>>();

/** This thread's context for models of another thread's. */
export function sharedOnnxContext(shared: SharedOnnxContext): Promise<OnnxContext> {
  let context = contexts.get(shared.id);
  if (context === undefined) {
    context = contextAt(shared, RunSlots.ofShared(shared.slots), systemClock);
    contexts.set(shared.id, context);
    context.catch(() => contexts.delete(shared.id));
  }
  return context;
}

async function contextAt(
  { path, logs, runMode }: OnnxContextOptions,
  slots: RunSlots,
  clock: Clock,
): Promise<OnnxContext> {
  const api = await loadOnnxRuntimeApi(path, logs);
  const id = randomUUID();
  return {
    api,
    path,
    outputs: new OutputReader(api),
    disposal: new NativeDisposal(api.releaseValues),
    slots,
    runs: new NativeRuns(clock, runMode, threadUsage(api.libc)),
    share: () => ({ path, logs, runMode, id, slots: slots.share() }),
  };
}

/**
 * Returns the path of the library.
 *
 * @throws ServingError `FAILED_PRECONDITION` when it is missing, with what was tried.
 */
export async function findOnnxLibrary({ libraryPath }: OnnxLibraryOptions): Promise<string> {
  const { path } = await findLibrary({ engine: 'onnx', ...(libraryPath !== undefined && { libraryPath }) });
  return path;
}
