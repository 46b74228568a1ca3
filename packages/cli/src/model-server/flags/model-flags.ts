/** The flags of `tensorflow_model_server` for models: which are served, and how their versions load. */
import {
  addedFlag,
  boolFlag,
  choiceFlag,
  type FlagTable,
  fileFlag,
  folderFlag,
  int64Flag,
  intFlag,
  stringFlag,
} from '@serving/engine/command';

export interface ModelFlags {
  readonly model_name: string;
  readonly model_base_path: string;
  readonly model_config_file: string;
  readonly model_config_file_poll_wait_seconds: number;
  readonly model_options_file: string;
  readonly model_platform: string;
  readonly unversioned_base_path: boolean;
  readonly file_system_poll_wait_seconds: number;
  readonly max_num_load_retries: number;
  readonly load_retry_interval_micros: number;
  readonly num_load_threads: number;
  readonly num_unload_threads: number;
  readonly allow_version_labels_for_unavailable_models: boolean;
  readonly saved_model_tags: string;
  readonly enable_signature_method_name_check: boolean;
  readonly enforce_signature_shapes: boolean;
  readonly enable_model_warmup: boolean;
  readonly num_request_iterations_for_warmup: number;
  readonly request_log_dc: string;
  readonly request_log_task_index: number;
}

export const modelFlags: FlagTable<ModelFlags> = {
  model_name: stringFlag('default', 'Name of the model at --model_base_path.'),
  model_base_path: folderFlag(
    'Folder whose numbered children are the versions of the one model to serve. A relative path starts at the working directory.',
  ),
  model_config_file: fileFlag(
    'File with a ModelServerConfig in text format: several models. Replaces --model_name and --model_base_path.',
  ),
  model_config_file_poll_wait_seconds: intFlag(
    0,
    'Seconds between polls of --model_config_file; 0 or less reads it once.',
  ),
  model_options_file: addedFlag(
    fileFlag(
      'File with options by model name in JSON; those of "*" are every model\'s. Read again with --model_config_file.',
    ),
  ),
  model_platform: addedFlag(
    choiceFlag(
      'tensorflow',
      ['tensorflow', 'onnx'],
      'Platform of the model at --model_base_path: tensorflow for SavedModels, onnx for folders with model.onnx.',
    ),
  ),
  unversioned_base_path: addedFlag(
    boolFlag(
      false,
      'Whether a --model_base_path without version folders, which holds saved_model.pb or model.onnx itself, is served as version 1. Otherwise it is an error.',
    ),
  ),
  file_system_poll_wait_seconds: intFlag(
    1,
    'Seconds between polls for new versions; 0 polls once, a negative number never.',
  ),
  max_num_load_retries: intFlag(5, 'Further attempts to load a version after a failed one.'),
  load_retry_interval_micros: int64Flag(60000000, 'Microseconds before each of them; a negative number does not wait.'),
  num_load_threads: intFlag(0, 'Versions that load at once after the start; 0 means one.'),
  num_unload_threads: intFlag(0, 'Versions that unload at once; 0 means one.'),
  allow_version_labels_for_unavailable_models: boolFlag(
    false,
    'Whether a label may be given to a version that is not available yet.',
  ),
  saved_model_tags: stringFlag('serve', 'Tags of the meta graph to load, separated by commas.'),
  enable_signature_method_name_check: boolFlag(
    false,
    'Whether signatures must have a method name of TensorFlow Serving.',
  ),
  enforce_signature_shapes: addedFlag(
    boolFlag(
      false,
      'Whether inputs must have the rank and dimensions that their signature declares. Shapes that would end the process are always refused.',
    ),
  ),
  enable_model_warmup: boolFlag(
    true,
    'Whether versions run the requests of their assets.extra/tf_serving_warmup_requests before they are available.',
  ),
  num_request_iterations_for_warmup: intFlag(0, 'Runs of each of these requests; 0 means one.'),
  request_log_dc: addedFlag(
    stringFlag('', "This server's dc, for per_task_sampling_configs of a logging_config and the metadata of logs."),
  ),
  request_log_task_index: addedFlag(
    intFlag(-1, "This server's task_index, for per_task_sampling_configs; a negative number is none."),
  ),
};
