/**
 * SavedModels on TensorFlow's own library, off the event loop: {@link tensorflowRuntime} is the runtime, {@link installLibrary}, {@link findLibrary} and
 * {@link diagnose} see to the library.
 *
 * @module @serving/runtime-tensorflow
 */

export { type Diagnosis, diagnose } from './library/diagnose.js';
export {
  type FindLibraryOptions,
  type FoundLibrary,
  findLibrary,
  type LibraryAttempt,
  type LibrarySource,
} from './library/find-library.js';
export { type InstallLibraryOptions, type InstallProgress, installLibrary } from './library/install-library.js';
export type { RunMode } from './session/run-mode.js';
export { type TensorFlowRuntimeOptions, tensorflowRuntime } from './tensorflow-runtime.js';
