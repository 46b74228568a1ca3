/**
 * `@serving/runtime-tfjs-node`: SavedModels on `@tensorflow/tfjs-node`, in one worker thread.
 *
 * @module @serving/runtime-tfjs-node
 */

export { type TfjsNodeRuntimeOptions, tfjsNodeRuntime } from './tfjs-node-runtime.js';
export { fromTfjsTensor, toTfjsTensor } from './tfjs-tensor.js';
