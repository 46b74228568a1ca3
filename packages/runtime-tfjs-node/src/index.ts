/** `@serving/runtime-tfjs-node`: SavedModels on `@tensorflow/tfjs-node`, in one worker thread. */

export { type TfjsNodeRuntimeOptions, tfjsNodeRuntime } from './tfjs-node-runtime.js';
export { fromTfjsTensor, toTfjsTensor } from './tfjs-tensor.js';
