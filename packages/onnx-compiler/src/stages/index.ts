/**
 * Runs signatures that `serving onnx --stages` wrote, in browsers and anywhere else: strings, tables, ragged and sparse tensors in
 * JavaScript, and the arithmetic in an ONNX model that the caller runs. Needs nothing of Node's.
 *
 * @module @serving/onnx-compiler/stages
 */
export { type RunOnnxModel, StagedSignature } from './staged-signature.js';
