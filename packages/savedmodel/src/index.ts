/** `@serving/savedmodel`: SavedModels as servables. */
export type {
  PreparedRun,
  RuntimeDescription,
  SavedModelRuntime,
  Session,
  SessionOptions,
  SessionRunOptions,
} from './runtime/saved-model-runtime.js';
