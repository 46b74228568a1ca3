/**
 * SavedModels on TensorFlow's own library, off the event loop: {@link tensorflowRuntime} is the engine.
 *
 * @module @serving/runtime-tensorflow
 */

export { type TensorFlowRuntimeOptions, tensorflowRuntime } from './tensorflow-runtime.js';
