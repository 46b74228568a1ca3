/** The environment of a model's process. */

/** Variables by name that engines, C libraries and Node itself read. */
const NAMES: ReadonlySet<string> = new Set([
  'HOME',
  'LANG',
  'LANGUAGE',
  'LD_LIBRARY_PATH',
  'DYLD_LIBRARY_PATH',
  'ONNXRUNTIME_LIBRARY_PATH',
  'PATH',
  'SERVING_CACHE_DIR',
  'TEMP',
  'TENSORFLOW_LIBRARY_PATH',
  'TMP',
  'TMPDIR',
  'TZ',
  'UV_THREADPOOL_SIZE',
  'XDG_CACHE_HOME',
]);

/** The same by how their names begin: locale, TensorFlow, ONNX Runtime, their libraries for threads and numbers, and GPUs. */
const PREFIXES: readonly string[] = [
  'LC_',
  'TF_',
  'ORT_',
  'OMP_',
  'GOMP_',
  'KMP_',
  'MKL_',
  'ONEDNN_',
  'DNNL_',
  'OPENBLAS_',
  'MALLOC_',
  'CUDA_',
  'NVIDIA_',
];

/** Those of the host's variables that engines read, and `own`, which replace them. */
export function childEnvironment(
  host: NodeJS.ProcessEnv,
  own: Readonly<Record<string, string>> = {},
): Record<string, string> {
  const environment: Record<string, string> = {};
  for (const [name, value] of Object.entries(host)) {
    if (value === undefined) continue;
    if (NAMES.has(name) || PREFIXES.some((prefix) => name.startsWith(prefix))) environment[name] = value;
  }
  return { ...environment, ...own };
}
