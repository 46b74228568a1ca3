/** `@serving/runtime-tensorflow`: SavedModels on libtensorflow's C API, off the event loop. */
export { type FoundLibrary, findLibrary } from './find-library.js';
export type { RunMode } from './run-mode.js';
export { type TensorFlowRuntimeOptions, tensorflowRuntime } from './tensorflow-runtime.js';
