/** Where ONNX Runtime's C API has which function: `OrtApi` of `onnxruntime_c_api.h`, a struct of function pointers that only grows. */
import type { OnnxFunctions } from './onnx-functions.js';

/** One entry of the struct, and its C signature without a name. */
export interface ApiFunction {
  readonly index: number;
  readonly result: string;
  readonly parameters: readonly string[];
}

const P = 'uintptr_t';

/** A function that returns a status, 0 for success. */
const fallible = (index: number, ...parameters: string[]): ApiFunction => ({ index, result: P, parameters });
const release = (index: number): ApiFunction => ({ index, result: 'void', parameters: [P] });

/** Paths are of the system's own characters. */
const PATH = process.platform === 'win32' ? 'const char16_t*' : 'const char*';

/** The functions that we call. Pointers are `uintptr_t`, also those to memory that a function writes its result into. */
export const apiFunctions: Readonly<Record<keyof OnnxFunctions, ApiFunction>> = {
  getErrorCode: { index: 1, result: 'int', parameters: [P] },
  getErrorMessage: { index: 2, result: P, parameters: [P] },
  createEnv: fallible(3, 'int', 'const char*', P),
  createSession: fallible(7, P, PATH, P, P),
  createSessionFromArray: fallible(8, P, 'const void*', 'size_t', P, P),
  run: fallible(9, P, P, P, P, 'size_t', P, 'size_t', P),
  createSessionOptions: fallible(10, P),
  disableMemPattern: fallible(17, P),
  setGraphOptimizationLevel: fallible(23, P, 'int'),
  setIntraOpNumThreads: fallible(24, P, 'int'),
  sessionGetInputCount: fallible(30, P, P),
  sessionGetOutputCount: fallible(31, P, P),
  sessionGetInputTypeInfo: fallible(33, P, 'size_t', P),
  sessionGetOutputTypeInfo: fallible(34, P, 'size_t', P),
  sessionGetInputName: fallible(36, P, 'size_t', P, P),
  sessionGetOutputName: fallible(37, P, 'size_t', P, P),
  createRunOptions: fallible(39, P),
  runOptionsSetTerminate: fallible(46, P),
  runOptionsUnsetTerminate: fallible(47, P),
  createTensor: fallible(48, P, P, 'size_t', 'int', P),
  createTensorWithData: fallible(49, P, P, 'size_t', P, 'size_t', 'int', P),
  getTensorData: fallible(51, P, P),
  getStringTensorDataLength: fallible(53, P, P),
  getStringTensorContent: fallible(54, P, P, 'size_t', P, 'size_t'),
  castTypeInfoToTensorInfo: fallible(55, P, P),
  getOnnxType: fallible(56, P, P),
  getElementType: fallible(60, P, P),
  getDimensionsCount: fallible(61, P, P),
  getDimensions: fallible(62, P, P, 'size_t'),
  getSymbolicDimensions: fallible(63, P, P, 'size_t'),
  getTypeAndShape: fallible(65, P, P),
  createCpuMemoryInfo: fallible(69, 'int', 'int', P),
  allocatorFree: fallible(76, P, P),
  getDefaultAllocator: fallible(78, P),
  releaseStatus: release(93),
  releaseSession: release(95),
  releaseValue: release(96),
  releaseRunOptions: release(97),
  releaseTypeInfo: release(98),
  releaseTypeAndShape: release(99),
  releaseSessionOptions: release(100),
  addSessionConfigEntry: fallible(130, P, 'const char*', 'const char*'),
  getResizedStringElement: fallible(252, P, 'size_t', 'size_t', P),
};
