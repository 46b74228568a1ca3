/**
 * Compiles SavedModels to ONNX. A {@link Program} is what a signature becomes: ONNX models and stages in TypeScript.
 *
 * @module @serving/onnx-compiler
 */
export { type CompiledSavedModel, type CompileOptions, compileSavedModel } from './compile-saved-model.js';
export type { WeightsFilePart } from './emit/builder/weights-file.js';
export {
  type ExportedInput,
  type ExportedModel,
  type ExportOptions,
  exportSignature,
} from './export/export-signature.js';
export type { Attributes, AttributeValue, FunctionReference } from './graph/attributes.js';
export type { FileBytes, TableContents } from './graph/graph.js';
export type { Kernel, KernelContext } from './kernels/kernel.js';
export type {
  ExternalWeights,
  GuardMessagePart,
  KernelStep,
  ModelGuard,
  ModelStep,
  ModelTensor,
  Program,
  ProgramInput,
  ProgramOutput,
  ProgramTensor,
  Refusal,
  ValueId,
} from './program/program.js';
export { type RefusedSignature, refusalError } from './refusal-text.js';
export type { AttributeJson } from './stages/attribute-json.js';
export type { StagedModel, StagedOperation, StagedTensor, StagesFile } from './stages/stages-file.js';
export type { TensorJson } from './stages/tensor-json.js';
export { compileSavedModelInThread } from './thread/compile-in-thread.js';
export type { PostedProgram } from './thread/compile-messages.js';
export { revivedProgram } from './thread/revived-program.js';
