/**
 * Models on ONNX Runtime, off the event loop: {@link onnxRuntime} is an engine for SavedModels, {@link onnxPlatform} serves ONNX models.
 *
 * @module @serving/runtime-onnx
 */

export { type OnnxRuntimeOptions, onnxRuntime } from './onnx-runtime.js';
export type { OnnxLibraryOptions } from './open-onnx-context.js';
export type { OnnxWarmupTarget } from './platform/onnx-loader.js';
export { onnxPlatform } from './platform/onnx-platform.js';
export type { OnnxModelOptions, OnnxPlatformOptions } from './platform/onnx-platform-options.js';
export type { WeightsMode } from './session/session-options.js';
