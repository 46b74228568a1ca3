/** TensorFlow's C API (`tensorflow/c/c_api.h`): the functions that we call, declared once per thread. */
import { dirname, join } from 'node:path';
import { ServingError } from '@serving/core';
import {
  type Address,
  type CallEach,
  declareCallEach,
  frameworkFileName,
  type Libc,
  libraryAt,
  loadLibc,
  type NativeFunction,
  openLibrary,
  pinLibrary,
  setEnvironmentDefault,
  textAt,
} from '@serving/engine/native';
import { type LibraryHandle, struct } from 'koffi';
import { assertNoOtherTensorFlow } from './loaded-libraries.js';
import { withoutNativeStderr } from './native-stderr.js';

/** `TF_Output`: an operation and which of its outputs. */
interface NativeOutput {
  readonly oper: Address;
  readonly index: number;
}

/**
 * The C API as functions. Pointers are plain numbers (`uintptr_t`), arrays are addresses of memory that the caller keeps
 * referenced until the call (or its callback) is over.
 */
export interface TensorFlowApi {
  readonly libc: Libc;
  readonly version: string;
  /** Serialized `RunOptions` that keep a run on the thread that calls it; made once, never freed. */
  readonly callerThreadRunOptions: Address;

  readonly newStatus: NativeFunction<[], Address>;
  readonly deleteStatus: NativeFunction<[status: Address], void>;
  readonly getCode: NativeFunction<[status: Address], number>;
  readonly message: (status: Address) => string;

  /** Takes memory over; `deallocator` is called with it, on any thread, when nothing uses it any more. */
  readonly newTensor: NativeFunction<
    [dtype: number, dims: Address, rank: number, data: Address, bytes: number, deallocator: Address, argument: Address],
    Address
  >;
  /** Waits for TensorFlow's allocator where the memory is TensorFlow's. */
  readonly deleteTensor: NativeFunction<[tensor: Address], void>;
  /** Deletes tensors in one call on a thread of the pool. */
  readonly deleteTensors: CallEach;
  readonly tensorData: NativeFunction<[tensor: Address], Address>;
  readonly numDims: NativeFunction<[tensor: Address], number>;
  readonly dim: NativeFunction<[tensor: Address, index: number], number>;

  readonly newGraph: NativeFunction<[], Address>;
  readonly deleteGraph: NativeFunction<[graph: Address], void>;
  readonly graphOperationByName: NativeFunction<[graph: Address, name: string], Address>;
  readonly operationNumOutputs: NativeFunction<[operation: Address], number>;
  readonly operationOutputType: NativeFunction<[output: NativeOutput], number>;

  readonly newSessionOptions: NativeFunction<[], Address>;
  readonly deleteSessionOptions: NativeFunction<[options: Address], void>;
  readonly setConfig: NativeFunction<[options: Address, proto: Uint8Array, bytes: number, status: Address], void>;
  readonly newSession: NativeFunction<[graph: Address, options: Address, status: Address], Address>;
  readonly loadSessionFromSavedModel: NativeFunction<
    [
      options: Address,
      runOptions: Address,
      directory: string,
      tags: readonly string[],
      tagCount: number,
      graph: Address,
      metaGraph: Address,
      status: Address,
    ],
    Address
  >;
  readonly closeSession: NativeFunction<[session: Address, status: Address], void>;
  readonly deleteSession: NativeFunction<[session: Address, status: Address], void>;
  readonly sessionRun: NativeFunction<
    [
      session: Address,
      runOptions: Address,
      inputs: Address,
      inputValues: Address,
      inputCount: number,
      outputs: Address,
      outputValues: Address,
      outputCount: number,
      targets: Address,
      targetCount: number,
      metadata: Address,
      status: Address,
    ],
    void
  >;
  readonly loadLibrary: NativeFunction<[path: string, status: Address], Address>;
  readonly deleteLibraryHandle: NativeFunction<[library: Address], void>;
  readonly sessionListDevices: NativeFunction<[session: Address, status: Address], Address>;
  readonly deviceListCount: NativeFunction<[list: Address], number>;
  readonly deviceListName: NativeFunction<[list: Address, index: number, status: Address], string>;
  readonly deleteDeviceList: NativeFunction<[list: Address], void>;
}

/**
 * Loads the library at `path`, and the framework library beside it where there is one, for good; leaves the event loop
 * free meanwhile. May be called any number of times and in any thread.
 *
 * @param logs whether TensorFlow may print to stderr. What the environment says (`TF_CPP_MIN_LOG_LEVEL`) comes first,
 * and only the first load of a process decides.
 * @throws ServingError `FAILED_PRECONDITION` when it can't be loaded, with the system's text.
 */
export async function loadTensorFlowApi(path: string, logs: boolean): Promise<TensorFlowApi> {
  try {
    const libc = loadLibc();
    if (!logs) {
      setEnvironmentDefault(libc, 'TF_CPP_MIN_LOG_LEVEL', '3');
      setEnvironmentDefault(libc, 'TF_CPP_MAX_VLOG_LEVEL', '0');
    }
    const framework = await frameworkBeside(path);
    // The framework comes first: the main library needs it and would look for it by name alone.
    const paths = framework === undefined ? [path] : [framework, path];
    await assertNoOtherTensorFlow(paths);
    const pinAll = async () => {
      for (const each of paths) await pinLibrary(libc, each);
    };
    await (wantsInfo(logs) ? pinAll() : withoutNativeStderr(libc, pinAll));
    return declareApi(libc, openLibrary(path), framework === undefined ? undefined : openLibrary(framework));
  } catch (error) {
    if (error instanceof ServingError) throw error;
    const text = error instanceof Error ? error.message : String(error);
    throw new ServingError('FAILED_PRECONDITION', `TensorFlow's library ${path} could not be loaded: ${text}`, {
      cause: error,
    });
  }
}

/** Whether TensorFlow's lines of level INFO are wanted. */
function wantsInfo(logs: boolean): boolean {
  const level = process.env.TF_CPP_MIN_LOG_LEVEL;
  return level === undefined ? logs : level === '0';
}

/** Some builds have none. */
async function frameworkBeside(path: string): Promise<string | undefined> {
  const name = frameworkFileName();
  return name === undefined ? undefined : libraryAt(join(dirname(path), name), []);
}

/** RunOptions { inter_op_thread_pool: -1 }: field 3, varint. */
const CALLER_THREAD_RUN_OPTIONS = Uint8Array.of(0x18, 255, 255, 255, 255, 255, 255, 255, 255, 255, 1);

function declareApi(libc: Libc, main: LibraryHandle, framework: LibraryHandle | undefined): TensorFlowApi {
  const output = struct({ oper: 'uintptr_t', index: 'int' });
  const declare = <A extends readonly unknown[], R>(
    name: string,
    result: string,
    args: readonly (string | typeof output)[],
  ): NativeFunction<A, R> => {
    try {
      return main.func(name, result, [...args]);
    } catch (error) {
      if (framework === undefined) throw error;
      return framework.func(name, result, [...args]);
    }
  };
  const addressOf = (name: string): Address => {
    try {
      return Number(main.symbol(name));
    } catch (error) {
      if (framework === undefined) throw error;
      return Number(framework.symbol(name));
    }
  };
  const P = 'uintptr_t';
  const deleteTensor = declare<[Address], void>('TF_DeleteTensor', 'void', [P]);
  const message = declare<[Address], Address>('TF_Message', P, [P]);
  const newBuffer = declare<[Uint8Array, number], Address>('TF_NewBufferFromString', P, ['const void*', 'size_t']);
  return {
    libc,
    version: declare<[], string>('TF_Version', 'const char*', [])(),
    callerThreadRunOptions: newBuffer(CALLER_THREAD_RUN_OPTIONS, CALLER_THREAD_RUN_OPTIONS.length),

    newStatus: declare('TF_NewStatus', P, []),
    deleteStatus: declare('TF_DeleteStatus', 'void', [P]),
    getCode: declare('TF_GetCode', 'int', [P]),
    message: (status) => textAt(libc, message(status)),

    newTensor: declare('TF_NewTensor', P, ['int', P, 'int', P, 'size_t', P, P]),
    deleteTensor,
    deleteTensors: declareCallEach(libc.program, { call: deleteTensor, address: addressOf('TF_DeleteTensor') }),
    tensorData: declare('TF_TensorData', P, [P]),
    numDims: declare('TF_NumDims', 'int', [P]),
    dim: declare('TF_Dim', 'int64_t', [P, 'int']),

    newGraph: declare('TF_NewGraph', P, []),
    deleteGraph: declare('TF_DeleteGraph', 'void', [P]),
    graphOperationByName: declare('TF_GraphOperationByName', P, [P, 'const char*']),
    operationNumOutputs: declare('TF_OperationNumOutputs', 'int', [P]),
    operationOutputType: declare('TF_OperationOutputType', 'int', [output]),

    newSessionOptions: declare('TF_NewSessionOptions', P, []),
    deleteSessionOptions: declare('TF_DeleteSessionOptions', 'void', [P]),
    setConfig: declare('TF_SetConfig', 'void', [P, 'const void*', 'size_t', P]),
    newSession: declare('TF_NewSession', P, [P, P, P]),
    loadSessionFromSavedModel: declare('TF_LoadSessionFromSavedModel', P, [
      P,
      P,
      'const char*',
      'const char**',
      'int',
      P,
      P,
      P,
    ]),
    closeSession: declare('TF_CloseSession', 'void', [P, P]),
    deleteSession: declare('TF_DeleteSession', 'void', [P, P]),
    sessionRun: declare('TF_SessionRun', 'void', [P, P, P, P, 'int', P, P, 'int', P, 'int', P, P]),
    loadLibrary: declare('TF_LoadLibrary', P, ['const char*', P]),
    deleteLibraryHandle: declare('TF_DeleteLibraryHandle', 'void', [P]),
    sessionListDevices: declare('TF_SessionListDevices', P, [P, P]),
    deviceListCount: declare('TF_DeviceListCount', 'int', [P]),
    deviceListName: declare('TF_DeviceListName', 'const char*', [P, 'int', P]),
    deleteDeviceList: declare('TF_DeleteDeviceList', 'void', [P]),
  };
}
