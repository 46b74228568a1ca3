/**
 * Models on ONNX Runtime, off the event loop.
 *
 * @module @serving/runtime-onnx
 */
export { type OnnxLibraryOptions, openOnnxContext } from './open-onnx-context.js';
