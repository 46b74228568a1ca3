/**
 * Native calls as engines make them: koffi set up for this thread, the C library, libraries that stay in the process. For engines; no
 * part of the versioned API.
 *
 * @module @serving/engine/native
 */

export { frameworkFileName, libraryAt } from '../library/library-files.js';
export { type NativeLibrary, nativeLibraries } from '../library/native-library.js';
export type { NativeCall, RunGate, RunPlace, RunPlaceOptions } from '../runtime/native-call.js';
export { NativeRuns, SessionRuns } from '../runtime/native-run.js';
export { poolSlots } from '../runtime/pool-slots.js';
export { type CallEach, declareCallEach, type PointerFunction } from './call-each.js';
export { useHandlerStack } from './handler-stack.js';
export {
  type Address,
  type CallMemory,
  type Libc,
  loadLibc,
  type NativeFunction,
  setEnvironmentDefault,
  setEnvironmentFor,
  textAt,
} from './libc.js';
export { NativeDisposal } from './native-disposal.js';
export { openLibrary } from './open-library.js';
export { callAsync, pinLibrary } from './pin-library.js';
export { threadSupport } from './thread-support-url.js';
export { type ThreadUsage, threadUsage } from './thread-usage.js';
export { WordArray } from './word-array.js';
