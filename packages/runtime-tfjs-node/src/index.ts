/**
 * SavedModels on `@tensorflow/tfjs-node`, in one worker thread: {@link tfjsNodeRuntime} is the runtime, {@link toTfjsTensor} and {@link fromTfjsTensor}
 * convert tensors.
 *
 * @module @serving/runtime-tfjs-node
 */

export { type TfjsNodeRuntimeOptions, tfjsNodeRuntime } from './tfjs-node-runtime.js';
export { fromTfjsTensor, type TfjsModule, toTfjsTensor } from './tfjs-tensor.js';
