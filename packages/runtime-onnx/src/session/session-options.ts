/** How a model's session is made. */
import type { Address } from '@serving/engine/native';
import type { OnnxRuntimeApi } from '../native/c-api.js';
import { NativeWord } from '../native/native-word.js';

/**
 * - `packed`: kernels keep weights in a layout of their own, beside those in the file: the fastest runs;
 * - `mapped`: external weights stay in their file, mapped and shared between processes: little memory, and loads in milliseconds.
 */
export type WeightsMode = 'packed' | 'mapped';

/** Options of one session. */
export interface ModelSessionOptions {
  /** Default: `packed`. */
  readonly weights?: WeightsMode | undefined;
  /** Threads within one kernel; 0 lets ONNX Runtime choose. Default: 1, as concurrency comes from requests. */
  readonly intraOpThreads?: number | undefined;
  /** Whether memory is planned by the shapes of the first runs; only of use where all shapes are fixed. Default: false. */
  readonly memoryPattern?: boolean | undefined;
  /** How much of the graph is rewritten. `extended` leaves out changes of layout. Default: `all`. */
  readonly optimization?: 'none' | 'basic' | 'extended' | 'all' | undefined;
  /** Where files of external data are looked up. Default: the folder of the model's file. */
  readonly externalDataFolder?: string | undefined;
  /** See `LoadedFor` of `@serving/engine`. Default: false. */
  readonly hasOwnProcess?: boolean | undefined;
}

const LEVELS = { none: 0, basic: 1, extended: 2, all: 99 } as const;

/** The caller releases what this returns. */
export function newSessionOptions(api: OnnxRuntimeApi, options: ModelSessionOptions): Address {
  const { functions, statuses } = api;
  const { weights = 'packed', intraOpThreads = 1, memoryPattern = false, optimization = 'all' } = options;
  const word = new NativeWord();
  statuses.throwIfFailed(functions.createSessionOptions(word.address));
  const native = word.take();
  try {
    statuses.throwIfFailed(functions.setIntraOpNumThreads(native, intraOpThreads));
    statuses.throwIfFailed(functions.setGraphOptimizationLevel(native, LEVELS[optimization]));
    if (!memoryPattern) statuses.throwIfFailed(functions.disableMemPattern(native));
    for (const [key, value] of configEntries(weights, intraOpThreads, options.externalDataFolder)) {
      statuses.throwIfFailed(functions.addSessionConfigEntry(native, key, value));
    }
    return native;
  } catch (error) {
    functions.releaseSessionOptions(native);
    throw error;
  }
}

function* configEntries(
  weights: WeightsMode,
  intraOpThreads: number,
  externalDataFolder: string | undefined,
): Generator<readonly [key: string, value: string]> {
  if (weights === 'mapped') yield ['session.disable_prepacking', '1'];
  // Threads that spin keep idle cores busy.
  if (intraOpThreads !== 1) yield ['session.intra_op.allow_spinning', '0'];
  if (externalDataFolder !== undefined) {
    yield ['session.model_external_initializers_file_folder_path', externalDataFolder];
  }
}
