/** The functions of ONNX Runtime's C API that we call, with their arguments. */
import type { Address, NativeFunction } from '@serving/engine/native';

/** A function that returns a status: 0, or one that the caller releases. */
type Fallible<A extends readonly unknown[]> = NativeFunction<A, Address>;

/** Entries of the C API. `out` is the address of a word that the function writes its result into. */
export interface OnnxFunctions {
  readonly getErrorCode: NativeFunction<[status: Address], number>;
  readonly getErrorMessage: NativeFunction<[status: Address], Address>;
  readonly createEnv: Fallible<[severity: number, name: string, out: Address]>;
  readonly createSession: Fallible<[environment: Address, path: string, options: Address, out: Address]>;
  readonly createSessionFromArray: Fallible<
    [environment: Address, model: Uint8Array, bytes: number, options: Address, out: Address]
  >;
  readonly run: Fallible<
    [
      session: Address,
      runOptions: Address,
      inputNames: Address,
      inputs: Address,
      inputCount: number,
      outputNames: Address,
      outputCount: number,
      outputs: Address,
    ]
  >;
  readonly createSessionOptions: Fallible<[out: Address]>;
  readonly disableMemPattern: Fallible<[options: Address]>;
  readonly setGraphOptimizationLevel: Fallible<[options: Address, level: number]>;
  readonly setIntraOpNumThreads: Fallible<[options: Address, threads: number]>;
  readonly sessionGetInputCount: Fallible<[session: Address, out: Address]>;
  readonly sessionGetOutputCount: Fallible<[session: Address, out: Address]>;
  readonly sessionGetInputTypeInfo: Fallible<[session: Address, index: number, out: Address]>;
  readonly sessionGetOutputTypeInfo: Fallible<[session: Address, index: number, out: Address]>;
  readonly sessionGetInputName: Fallible<[session: Address, index: number, allocator: Address, out: Address]>;
  readonly sessionGetOutputName: Fallible<[session: Address, index: number, allocator: Address, out: Address]>;
  readonly createRunOptions: Fallible<[out: Address]>;
  readonly runOptionsSetTerminate: Fallible<[options: Address]>;
  readonly runOptionsUnsetTerminate: Fallible<[options: Address]>;
  readonly createTensor: Fallible<[allocator: Address, dims: Address, rank: number, elementType: number, out: Address]>;
  readonly createTensorWithData: Fallible<
    [memoryInfo: Address, data: Address, bytes: number, dims: Address, rank: number, elementType: number, out: Address]
  >;
  readonly getTensorData: Fallible<[value: Address, out: Address]>;
  readonly getStringTensorDataLength: Fallible<[value: Address, out: Address]>;
  readonly getStringTensorContent: Fallible<
    [value: Address, bytes: Address, length: number, offsets: Address, count: number]
  >;
  readonly castTypeInfoToTensorInfo: Fallible<[typeInfo: Address, out: Address]>;
  readonly getOnnxType: Fallible<[typeInfo: Address, out: Address]>;
  readonly getElementType: Fallible<[tensorInfo: Address, out: Address]>;
  readonly getDimensionsCount: Fallible<[tensorInfo: Address, out: Address]>;
  readonly getDimensions: Fallible<[tensorInfo: Address, dims: Address, count: number]>;
  readonly getSymbolicDimensions: Fallible<[tensorInfo: Address, names: Address, count: number]>;
  readonly getTypeAndShape: Fallible<[value: Address, out: Address]>;
  readonly createCpuMemoryInfo: Fallible<[allocator: number, memory: number, out: Address]>;
  readonly allocatorFree: Fallible<[allocator: Address, memory: Address]>;
  readonly getDefaultAllocator: Fallible<[out: Address]>;
  readonly releaseStatus: NativeFunction<[status: Address], void>;
  readonly releaseSession: NativeFunction<[session: Address], void>;
  readonly releaseValue: NativeFunction<[value: Address], void>;
  readonly releaseRunOptions: NativeFunction<[options: Address], void>;
  readonly releaseTypeInfo: NativeFunction<[typeInfo: Address], void>;
  readonly releaseTypeAndShape: NativeFunction<[tensorInfo: Address], void>;
  readonly releaseSessionOptions: NativeFunction<[options: Address], void>;
  readonly addSessionConfigEntry: Fallible<[options: Address, key: string, value: string]>;
  readonly getResizedStringElement: Fallible<[value: Address, index: number, bytes: number, out: Address]>;
}
