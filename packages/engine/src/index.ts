/**
 * What engines implement and share: {@link SavedModelRuntime} is an engine, {@link createEngine} makes one by name, {@link installLibrary},
 * {@link findLibrary} and {@link diagnose} see to the libraries of engines.
 *
 * @module @serving/engine
 */

export type { InstallProgress } from './install/install-context.js';
export { type InstallLibraryOptions, installLibrary } from './install/install-library.js';
export type { Isolation, ModelProcessOptions } from './isolation/isolation-options.js';
export { type DiagnoseOptions, type Diagnosis, diagnose, type EngineDiagnosis } from './library/diagnose.js';
export {
  type FindLibraryOptions,
  type FoundLibrary,
  findLibrary,
  type LibraryAttempt,
  type LibrarySource,
} from './library/find-library.js';
export { defaultCacheDirectory } from './library/library-cache.js';
export type { LibraryEngine } from './library/native-library.js';
export { type CreateEngineOptions, createEngine, type EngineName, engineNames } from './runtime/create-engine.js';
export { estimateFileBytes } from './runtime/estimate-bytes.js';
export { type ClosableServable, FolderLoader, ownSession } from './runtime/folder-loader.js';
export { mergeSessionOptions } from './runtime/merge-session-options.js';
export { packageOrigins } from './runtime/package-origins.js';
export { AutoRunMode, type AutoRunModeOptions, type InlineMeasure, type RunMode } from './runtime/run-mode.js';
export { type RunLane, RunSlots, type SharedSlots, type SlotTask } from './runtime/run-slots.js';
export type {
  EngineSource,
  LoadedFor,
  PreparedRun,
  RuntimeDescription,
  SavedModelRuntime,
  Session,
  SessionOptions,
  SessionRunOptions,
  SharedSession,
  SharedSessionModule,
} from './runtime/saved-model-runtime.js';
export type { SharedPermitsMemory } from './runtime/shared-permits.js';
export { warnOfThreadPool } from './runtime/thread-pool-warning.js';
