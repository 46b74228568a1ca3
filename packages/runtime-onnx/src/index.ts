/**
 * Models on ONNX Runtime, off the event loop.
 *
 * @module @serving/runtime-onnx
 */

export { type OnnxLibraryOptions, openOnnxContext } from './open-onnx-context.js';
export type { OnnxWarmupTarget } from './platform/onnx-loader.js';
export { onnxPlatform } from './platform/onnx-platform.js';
export {
  type OnnxModelOptions,
  type OnnxPlatformOptions,
  onnxPlatformOptions,
} from './platform/onnx-platform-options.js';
