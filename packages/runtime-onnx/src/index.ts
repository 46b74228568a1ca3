/**
 * Models on ONNX Runtime, off the event loop.
 *
 * @module @serving/runtime-onnx
 */

export { type OnnxLibraryOptions, openOnnxContext } from './open-onnx-context.js';
export type { OnnxWarmupTarget } from './platform/onnx-loader.js';
export { type OnnxModelOptions, type OnnxPlatformOptions, onnxPlatform } from './platform/onnx-platform.js';
