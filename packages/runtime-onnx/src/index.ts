/**
 * Models on ONNX Runtime, off the event loop: {@link onnxRuntime} is an engine for SavedModels, {@link onnxPlatform} serves ONNX models.
 *
 * @module @serving/runtime-onnx
 */

export { type OnnxRuntimeOptions, onnxRuntime, onnxRuntimeOptions } from './onnx-runtime.js';
export type { OnnxLibraryOptions } from './open-onnx-context.js';
export type { OnnxWarmupTarget } from './platform/onnx-loader.js';
export { onnxPlatform } from './platform/onnx-platform.js';
export {
  type OnnxModelOptions,
  type OnnxPlatformOptions,
  onnxPlatformOptions,
} from './platform/onnx-platform-options.js';
