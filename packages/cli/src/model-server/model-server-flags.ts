/** The flags of `tensorflow_model_server`: TensorFlow Serving's names, types and defaults, and the few of ours. */
import {
  boolFlag,
  type Flag,
  type FlagTable,
  floatFlag,
  int64Flag,
  intFlag,
  limitFlag,
  stringFlag,
  stringListFlag,
} from '../flags/flags.js';

/** The flags that change something. Their meaning is in {@link modelServerFlags}. */
export interface ModelServerFlags {
  readonly help: boolean;
  readonly version: boolean;
  readonly port: number;
  readonly grpc_host: string;
  readonly grpc_socket_path: string;
  readonly grpc_channel_arguments: string;
  readonly grpc_max_inflated_bytes: number;
  readonly grpc_max_connections: number | false;
  readonly grpc_max_concurrent_streams: number | false;
  readonly grpc_handshake_timeout_ms: number | false;
  readonly grpc_keepalive_time_ms: number | false;
  readonly grpc_keepalive_timeout_ms: number;
  readonly grpc_max_connection_idle_ms: number | false;
  readonly enable_grpc_healthcheck_service: boolean;
  readonly enable_grpc_reload_config: boolean;
  readonly allow_model_control: boolean;
  readonly enable_serialization_as_tensor_content: boolean;
  readonly max_filled_bytes: number;
  readonly rest_api_max_body_bytes: number;
  readonly rest_api_max_response_bytes: number;
  readonly use_alts_credentials: boolean;
  readonly ssl_config_file: string;
  readonly rest_api_port: number;
  readonly rest_api_host: string;
  readonly rest_api_ssl_config_file: string;
  readonly rest_api_timeout_in_ms: number;
  readonly rest_api_keep_alive_timeout_ms: number | false;
  readonly rest_api_request_stall_timeout_ms: number | false;
  readonly rest_api_response_stall_timeout_ms: number | false;
  readonly rest_api_max_connections: number | false;
  readonly rest_api_max_unsent_bytes: number | false;
  readonly drain_delay_ms: number | false;
  readonly shutdown_grace_seconds: number | false;
  readonly rest_api_enable_cors_support: boolean;
  readonly model_config_file: string;
  readonly model_config_file_poll_wait_seconds: number;
  readonly model_options_file: string;
  readonly model_name: string;
  readonly model_base_path: string;
  readonly allow_version_labels_for_unavailable_models: boolean;
  readonly enable_batching: boolean;
  readonly batching_parameters_file: string;
  readonly monitoring_config_file: string;
  readonly rest_api_health_path: string;
  readonly request_log_dc: string;
  readonly request_log_task_index: number;
  readonly file_system_poll_wait_seconds: number;
  readonly max_num_load_retries: number;
  readonly load_retry_interval_micros: number;
  readonly num_load_threads: number;
  readonly num_unload_threads: number;
  readonly saved_model_tags: string;
  readonly engine: string;
  readonly model_platform: string;
  readonly platform_config_file: string;
  readonly custom_op_library: readonly string[];
  readonly tensorflow_session_config_file: string;
  readonly tensorflow_session_parallelism: number;
  readonly tensorflow_intra_op_parallelism: number;
  readonly tensorflow_inter_op_parallelism: number;
  readonly enable_model_warmup: boolean;
  readonly num_request_iterations_for_warmup: number;
  readonly enable_signature_method_name_check: boolean;
  readonly enforce_signature_shapes: boolean;
}

/** Flags that upstream's server has and that change nothing here: accepted, so that existing command lines go on working. */
const flagsWithoutEffect: Readonly<Record<string, Flag<unknown>>> = {
  grpc_max_threads: intFlag(0, 'Threads of the gRPC server; here one event loop serves it.'),
  rest_api_num_threads: intFlag(0, 'Threads of the REST API; here one event loop serves it.'),
  enable_per_model_batching_parameters: boolFlag(
    false,
    "Whether versions bring their own batching_params.pbtxt; here all have the server's.",
  ),
  flush_filesystem_caches: boolFlag(true, 'Whether file system caches are flushed after loads.'),
  per_process_gpu_memory_fraction: floatFlag(0, "Share of a GPU's memory."),
  remove_unused_fields_from_bundle_metagraph: boolFlag(
    true,
    'Whether graphs are dropped after load; here they always are.',
  ),
  prefer_tflite_model: boolFlag(false, 'Whether a TensorFlow Lite model is preferred.'),
  num_tflite_pools: intFlag(0, 'Pools of TensorFlow Lite interpreters.'),
  num_tflite_interpreters_per_pool: intFlag(1, 'Interpreters of each.'),
  xla_cpu_compilation_enabled: boolFlag(false, 'Whether XLA compiles for the CPU.'),
  xla_gpu_compilation_enabled: boolFlag(false, 'Whether XLA compiles for the GPU.'),
  enable_profiler: boolFlag(true, 'Whether gRPC has the profiler service.'),
  thread_pool_factory_config_file: stringFlag('', 'File with a ThreadPoolFactoryConfig.'),
  mixed_precision: stringFlag('', 'Precision to convert models to.'),
  skip_initialize_tpu: boolFlag(false, 'Whether TPUs are left alone.'),
};

/** Names of the flags that are accepted but change nothing. */
export const namesWithoutEffect: ReadonlySet<string> = new Set(Object.keys(flagsWithoutEffect));

/** Every flag. */
export const modelServerFlags: FlagTable<ModelServerFlags> = {
  help: boolFlag(false, 'Prints this text.'),
  version: boolFlag(false, 'Prints the versions of this server and of TensorFlow.'),
  port: intFlag(8500, 'Port of the gRPC API; 0 turns it off.'),
  grpc_host: stringFlag(
    '127.0.0.1',
    'Address of the gRPC API: this machine only by default, :: for every interface. Not a flag of the C++ server, which listens on every interface.',
  ),
  grpc_socket_path: stringFlag('', 'Unix socket on which the gRPC API is served too.'),
  grpc_channel_arguments: stringFlag('', 'Options of the gRPC server, as key=value,key=value.'),
  grpc_max_inflated_bytes: int64Flag(
    67_108_864,
    'Bytes that a compressed gRPC request may inflate to; a larger one gets RESOURCE_EXHAUSTED. Not a flag of TensorFlow Serving.',
  ),
  grpc_max_connections: limitFlag(
    10_000,
    'gRPC connections at once, at most a quarter of the file descriptors that the process may open; false for any number. Not a flag of TensorFlow Serving.',
  ),
  grpc_max_concurrent_streams: limitFlag(
    1000,
    'Calls at once on a gRPC connection, beyond which clients queue them; false for any number. Not a flag of TensorFlow Serving.',
  ),
  grpc_handshake_timeout_ms: limitFlag(
    20_000,
    'Milliseconds in which a gRPC connection must begin with TLS and HTTP/2; false for any time. Not a flag of TensorFlow Serving.',
  ),
  grpc_keepalive_time_ms: limitFlag(
    30_000,
    'Milliseconds between pings on gRPC connections; false sends none. Not a flag of TensorFlow Serving.',
  ),
  grpc_keepalive_timeout_ms: intFlag(
    20_000,
    'Milliseconds in which a gRPC client must answer a ping, after which its connection closes. Not a flag of TensorFlow Serving.',
  ),
  grpc_max_connection_idle_ms: limitFlag(
    300_000,
    'Milliseconds without a call after which a gRPC connection closes; false for any time. Not a flag of TensorFlow Serving.',
  ),
  enable_grpc_healthcheck_service: boolFlag(
    true,
    "Whether gRPC has the health service; the C++ server's default is false.",
  ),
  enable_grpc_reload_config: boolFlag(
    true,
    'Whether gRPC clients may replace the list of models (HandleReloadConfigRequest). Not a flag of the C++ server, where they always may.',
  ),
  allow_model_control: boolFlag(
    false,
    'Whether clients of the Open Inference Protocol may load and unload models. Not a flag of TensorFlow Serving.',
  ),
  enable_serialization_as_tensor_content: boolFlag(
    false,
    'Whether gRPC answers hold the outputs of Predict as raw bytes.',
  ),
  max_filled_bytes: int64Flag(
    67108864,
    'Bytes that the tensors of a request in protobuf, over gRPC or REST, may take beyond the values that it holds: a missing value is the last one again. Not a flag of the C++ server, which has no limit.',
  ),
  use_alts_credentials: boolFlag(false, 'Whether gRPC uses ALTS, which this server cannot: it does not start then.'),
  ssl_config_file: stringFlag('', 'File with an SSLConfig in text format: the gRPC API uses TLS.'),
  rest_api_port: intFlag(0, 'Port of the REST API; 0 turns it off. Must differ from --port.'),
  rest_api_host: stringFlag(
    '127.0.0.1',
    'Address of the REST API: this machine only by default, :: for every interface. Not a flag of the C++ server, which listens on every interface.',
  ),
  rest_api_max_body_bytes: int64Flag(
    67108864,
    'Bytes that the body of a REST request may have; a larger one is answered with 413. Not a flag of the C++ server, which has no limit.',
  ),
  rest_api_max_response_bytes: int64Flag(
    268435456,
    'Bytes that the body of a REST answer may have; a request for a larger one is answered with 400. Not a flag of the C++ server, which has no limit.',
  ),
  rest_api_ssl_config_file: stringFlag(
    '',
    'File with an SSLConfig in text format: the REST API uses TLS. Not a flag of the C++ server.',
  ),
  rest_api_timeout_in_ms: intFlag(
    30000,
    'Milliseconds after which a REST request is answered with 504; 0 or less never.',
  ),
  rest_api_enable_cors_support: boolFlag(false, 'Whether answers allow pages of any origin to read them.'),
  rest_api_keep_alive_timeout_ms: limitFlag(
    75_000,
    'Milliseconds that a connection is kept for its next request: longer than a proxy in front keeps it; false never limits it. Not a flag of TensorFlow Serving.',
  ),
  rest_api_request_stall_timeout_ms: limitFlag(
    30_000,
    'Milliseconds without a byte of a request after which it is answered with 408; false never limits it. Not a flag of TensorFlow Serving.',
  ),
  rest_api_response_stall_timeout_ms: limitFlag(
    30_000,
    'Milliseconds in which a client takes no byte of its answer, after which its connection is closed; false never limits it. Not a flag of TensorFlow Serving.',
  ),
  rest_api_max_connections: limitFlag(
    10_000,
    'Connections at once, at most half of the file descriptors that the process may open; a further one takes the place of one that is idle; false never limits it. Not a flag of TensorFlow Serving.',
  ),
  rest_api_max_unsent_bytes: limitFlag(
    536_870_912,
    'Bytes of answers that clients have not taken, of all connections together, beyond which the slowest are closed; false never limits it. Not a flag of TensorFlow Serving.',
  ),
  drain_delay_ms: limitFlag(
    1000,
    'Milliseconds that a server goes on answering after SIGTERM, with readiness false and "Connection: close", before it stops listening; false skips that. Not a flag of TensorFlow Serving.',
  ),
  shutdown_grace_seconds: limitFlag(
    25,
    'Seconds after SIGTERM when requests in flight are given up and the process ends; false waits for them. Not a flag of TensorFlow Serving.',
  ),
  model_config_file: stringFlag(
    '',
    'File with a ModelServerConfig in text format. Comes before --model_name and --model_base_path.',
  ),
  model_config_file_poll_wait_seconds: intFlag(
    0,
    'Seconds between looks at --model_config_file; 0 or less reads it once.',
  ),
  model_options_file: stringFlag(
    '',
    'File with options by model name in JSON; those of "*" are every model\'s. Read again with --model_config_file.',
  ),
  model_name: stringFlag('default', 'Name of the model at --model_base_path.'),
  model_base_path: stringFlag('', 'Folder whose numbered children are the versions of the one model to serve.'),
  allow_version_labels_for_unavailable_models: boolFlag(
    false,
    'Whether a label may be given to a version that is not available yet.',
  ),
  enable_batching: boolFlag(false, 'Whether requests are merged into batches.'),
  batching_parameters_file: stringFlag('', 'File with BatchingParameters in text format; needs --enable_batching.'),
  monitoring_config_file: stringFlag(
    '',
    'File with a MonitoringConfig in text format; turns the page for Prometheus on.',
  ),
  rest_api_health_path: stringFlag(
    '',
    'Where REST has its health endpoints, such as /health: PATH/live, PATH/ready and PATH/ready/MODEL. Not a flag of TensorFlow Serving.',
  ),
  request_log_dc: stringFlag(
    '',
    "This server's dc, for per_task_sampling_configs of a logging_config and the metadata of logs. Not a flag of TensorFlow Serving.",
  ),
  request_log_task_index: intFlag(
    -1,
    "This server's task_index, for per_task_sampling_configs; a negative number is none. Not a flag of TensorFlow Serving.",
  ),
  file_system_poll_wait_seconds: intFlag(
    1,
    'Seconds between looks for new versions; 0 looks once, a negative number never.',
  ),
  max_num_load_retries: intFlag(5, 'Further attempts to load a version after a failed one.'),
  load_retry_interval_micros: int64Flag(60000000, 'Microseconds before each of them; a negative number does not wait.'),
  num_load_threads: intFlag(0, 'Versions that load at once after the start; 0 means one.'),
  num_unload_threads: intFlag(0, 'Versions that unload at once; 0 means one.'),
  saved_model_tags: stringFlag('serve', 'Tags of the meta graph to load, separated by commas.'),
  engine: stringFlag(
    'auto',
    "What runs SavedModels: tensorflow, onnx (ONNX Runtime), tfjs-node, or auto, which is TensorFlow where its library is installed and ONNX Runtime elsewhere. A model's own is in --model_options_file. Not a flag of TensorFlow Serving.",
  ),
  model_platform: stringFlag(
    'tensorflow',
    'Platform of the model at --model_base_path: tensorflow for SavedModels, onnx for folders with model.onnx. Not a flag of TensorFlow Serving.',
  ),
  platform_config_file: stringFlag(
    '',
    'File with a PlatformConfigMap in text format: instead of the flags for batching, tags, warm-up and threads.',
  ),
  custom_op_library: stringListFlag(
    'Shared library with operations that TensorFlow does not have, loaded before the first model; may be repeated. Not a flag of TensorFlow Serving.',
  ),
  tensorflow_session_config_file: stringFlag(
    '',
    'File with a ConfigProto in text format, passed on to TensorFlow; its numbers of threads count where no flag gives them.',
  ),
  tensorflow_session_parallelism: int64Flag(
    0,
    "Threads of both of TensorFlow's pools, which are the process's; 0 chooses.",
  ),
  tensorflow_intra_op_parallelism: int64Flag(0, 'Threads within one operation, for all models together; 0 chooses.'),
  tensorflow_inter_op_parallelism: int64Flag(
    0,
    'Threads for operations side by side; 0 runs each graph on one thread.',
  ),
  enable_model_warmup: boolFlag(
    true,
    'Whether versions run the requests of their assets.extra/tf_serving_warmup_requests before they are available.',
  ),
  num_request_iterations_for_warmup: intFlag(0, 'Runs of each of these requests; 0 means one.'),
  enable_signature_method_name_check: boolFlag(
    false,
    'Whether signatures must have a method name of TensorFlow Serving.',
  ),
  enforce_signature_shapes: boolFlag(
    false,
    'Whether inputs must have the rank and dimensions that their signature declares. What would end the process is always refused. Not a flag of TensorFlow Serving.',
  ),
  ...flagsWithoutEffect,
};
