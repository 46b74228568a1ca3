/** The command line of a configuration, which is both what is measured and what is printed. */
import type { TuneSettings } from './tune-settings.js';

/** A file that a flag names. */
export interface ConfigurationFile {
  readonly name: string;
  readonly text: string;
}

export interface TunedCommand {
  /** Of `tensorflow_model_server`. Files are by their names alone. */
  readonly flags: readonly string[];
  readonly files: readonly ConfigurationFile[];
}

const BATCHING_FILE = 'batching.config';
const OPTIONS_FILE = 'options.json';

/** Returns what differs from the server's defaults. */
export function commandOf(settings: TuneSettings, isOnnxModel: boolean): TunedCommand {
  const { engine, intraOpThreads, servingThreads, runMode, maxBatchSize, maxEnqueuedBatches } = settings;
  const options = modelOptions(settings, isOnnxModel);
  return {
    flags: [
      ...(engine === undefined ? [] : [`--engine=${engine}`]),
      ...(intraOpThreads === undefined ? [] : [`--tensorflow_intra_op_parallelism=${intraOpThreads}`]),
      ...(servingThreads === undefined ? [] : [`--serving_threads=${servingThreads}`]),
      ...(runMode === undefined ? [] : [`--model_run_mode=${runMode}`]),
      ...(maxBatchSize === undefined ? [] : ['--enable_batching', `--batching_parameters_file=${BATCHING_FILE}`]),
      ...(options === undefined ? [] : [`--model_options_file=${OPTIONS_FILE}`]),
    ],
    files: [
      ...(maxBatchSize === undefined
        ? []
        : [{ name: BATCHING_FILE, text: batchingParameters(maxBatchSize, maxEnqueuedBatches) }]),
      ...(options === undefined ? [] : [{ name: OPTIONS_FILE, text: `${JSON.stringify({ '*': options })}\n` }]),
    ],
  };
}

/** An engine of a model's own `onnx` options does not have the server's run mode. */
function modelOptions({ weights, runMode }: TuneSettings, isOnnxModel: boolean): object | undefined {
  if (weights === undefined) return undefined;
  return isOnnxModel ? { weights } : { onnx: { weights, ...(runMode !== undefined && { runMode }) } };
}

function batchingParameters(maxBatchSize: number, maxEnqueuedBatches: number | undefined): string {
  const enqueued = maxEnqueuedBatches === undefined ? '' : `max_enqueued_batches { value: ${maxEnqueuedBatches} }\n`;
  return `max_batch_size { value: ${maxBatchSize} }\n${enqueued}`;
}
