/** The flags of `tensorflow_model_server` for runs: engines, batching, threads. */
import {
  addedFlag,
  boolFlag,
  choiceFlag,
  type FlagTable,
  fileFlag,
  int64Flag,
  stringListFlag,
} from '@serving/engine/command';
import { engineChoices } from '../engine-choices.js';

export interface RunFlags {
  readonly engine: string;
  readonly model_isolation: string;
  readonly model_run_mode: string;
  readonly enable_batching: boolean;
  readonly batching_parameters_file: string;
  readonly platform_config_file: string;
  readonly custom_op_library: readonly string[];
  readonly tensorflow_session_config_file: string;
  readonly tensorflow_session_parallelism: number;
  readonly tensorflow_intra_op_parallelism: number;
  readonly tensorflow_inter_op_parallelism: number;
}

export const runFlags: FlagTable<RunFlags> = {
  engine: addedFlag(
    choiceFlag(
      'auto',
      engineChoices,
      "What runs SavedModels: tensorflow, onnx (ONNX Runtime), tfjs-node, or auto, which is TensorFlow where its library is installed and ONNX Runtime elsewhere. A model's own is in --model_options_file.",
    ),
  ),
  model_isolation: addedFlag(
    choiceFlag(
      'none',
      ['none', 'process'],
      "Where models run: none, in this process, or process, each version in a process of its own, whose end takes nothing else along. A model's own is in --model_options_file.",
    ),
  ),
  model_run_mode: addedFlag(
    choiceFlag(
      'auto',
      ['auto', 'thread', 'inline'],
      'Where runs happen: on threads (thread), on the serving thread that has the request (inline), or auto, which is inline for models whose runs are short.',
    ),
  ),
  enable_batching: boolFlag(false, 'Whether requests are merged into batches.'),
  batching_parameters_file: fileFlag('File with BatchingParameters in text format; needs --enable_batching.'),
  platform_config_file: fileFlag(
    'File with a PlatformConfigMap in text format: replaces the flags for batching, tags, warm-up and threads.',
  ),
  custom_op_library: addedFlag(
    stringListFlag(
      'Shared library with operations that TensorFlow does not have, loaded before the first model; may be repeated.',
      { takes: 'file' },
    ),
  ),
  tensorflow_session_config_file: fileFlag(
    'File with a ConfigProto in text format, passed on to TensorFlow; its numbers of threads count where no flag gives them.',
  ),
  tensorflow_session_parallelism: int64Flag(
    0,
    "Threads of both of TensorFlow's pools, which are the process's; 0 chooses.",
  ),
  tensorflow_intra_op_parallelism: int64Flag(
    0,
    'Threads within one operation, for all models together; 0: one for a small model, as many as processors for another.',
  ),
  tensorflow_inter_op_parallelism: int64Flag(
    0,
    'Threads for operations side by side; 0 runs each graph on one thread.',
  ),
};
