/** Flags of TensorFlow Serving that change nothing here. They are accepted, so that existing command lines work. */
import { boolFlag, type Flag, fileFlag, floatFlag, intFlag, stringFlag } from '@serving/engine/command';

export const flagsWithoutEffect: Readonly<Record<string, Flag<unknown>>> = {
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
  thread_pool_factory_config_file: fileFlag('File with a ThreadPoolFactoryConfig.'),
  mixed_precision: stringFlag('', 'Precision to convert models to.'),
  skip_initialize_tpu: boolFlag(false, 'Whether TPUs are left alone.'),
};
