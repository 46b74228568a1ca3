/** ONNX Runtime's C API: the functions that we call, declared once per thread. */
import { ServingError } from '@serving/core';
import {
  type Address,
  type CallEach,
  declareCallEach,
  type Libc,
  loadLibc,
  type NativeFunction,
  openLibrary,
  pinLibrary,
  textAt,
} from '@serving/engine/native';
import { decode, type LibraryHandle, proto } from 'koffi';
import { apiFunctions } from './api-functions.js';
import { NativeStatuses } from './native-status.js';
import { NativeWord } from './native-word.js';
import type { OnnxFunctions } from './onnx-functions.js';

/** The library as one thread uses it. */
export interface OnnxRuntimeApi {
  readonly libc: Libc;
  readonly functions: OnnxFunctions;
  readonly statuses: NativeStatuses;
  /** Such as `1.30.0`. */
  readonly version: string;
  /** The process's environment; never released, as the library stays loaded. */
  readonly environment: Address;
  /** What describes memory of ours to ONNX Runtime. */
  readonly memoryInfo: Address;
  readonly defaultAllocator: Address;
  /** Releases values in one call on a thread of the pool. */
  readonly releaseValues: CallEach;
}

/** The requested version of the API: the struct only grows, so every later library has it. */
const API_VERSION = 20;
const WORD_BYTES = 8;
const LOG_WARNING = 2;
const LOG_FATAL = 4;
const ARENA_ALLOCATOR = 1;
const DEFAULT_MEMORY = 0;

/**
 * Loads the library at `path` for good; leaves the event loop free meanwhile. May be called any number of times and in any thread.
 *
 * @param logs whether ONNX Runtime may print warnings to stderr; only the first load of a process decides
 * @throws ServingError `FAILED_PRECONDITION` when it can't be loaded, with the system's text, or is older than 1.20.
 */
export async function loadOnnxRuntimeApi(path: string, logs: boolean): Promise<OnnxRuntimeApi> {
  try {
    const libc = loadLibc();
    await pinLibrary(libc, path);
    return declareApi(libc, openLibrary(path), path, logs);
  } catch (error) {
    if (error instanceof ServingError) throw error;
    const text = error instanceof Error ? error.message : String(error);
    throw new ServingError('FAILED_PRECONDITION', `ONNX Runtime ${path} could not be loaded: ${text}`, {
      cause: error,
    });
  }
}

function declareApi(libc: Libc, library: LibraryHandle, path: string, logs: boolean): OnnxRuntimeApi {
  const base = (library.func('OrtGetApiBase', 'uintptr_t', []) as () => Address)();
  const getApi = functionAt<[number], Address>(base, 0, 'uintptr_t', ['uint32_t']);
  const version = textAt(libc, functionAt<[], Address>(base, 1, 'uintptr_t', [])());
  const api = getApi(API_VERSION);
  if (api === 0) {
    throw new ServingError(
      'FAILED_PRECONDITION',
      `ONNX Runtime ${path} is version ${version}; 1.${API_VERSION} or newer is needed`,
    );
  }
  const functions = Object.fromEntries(
    Object.entries(apiFunctions).map(([name, { index, result, parameters }]) => [
      name,
      functionAt(api, index, result, parameters),
    ]),
  ) as unknown as OnnxFunctions;
  const statuses = new NativeStatuses(libc, functions);
  const word = new NativeWord();
  const created = (status: Address): Address => {
    statuses.throwIfFailed(status);
    return word.take();
  };
  return {
    libc,
    functions,
    statuses,
    version,
    environment: created(functions.createEnv(logs ? LOG_WARNING : LOG_FATAL, 'serving', word.address)),
    memoryInfo: created(functions.createCpuMemoryInfo(ARENA_ALLOCATOR, DEFAULT_MEMORY, word.address)),
    defaultAllocator: created(functions.getDefaultAllocator(word.address)),
    releaseValues: declareCallEach(libc.program, {
      call: functions.releaseValue,
      address: pointerAt(api, apiFunctions.releaseValue.index),
    }),
  };
}

function functionAt<A extends readonly unknown[], R>(
  struct: Address,
  index: number,
  result: string,
  parameters: readonly string[],
): NativeFunction<A, R> {
  return decode(BigInt(pointerAt(struct, index)), proto(result, [...parameters]));
}

function pointerAt(struct: Address, index: number): Address {
  return Number(decode(BigInt(struct + index * WORD_BYTES), 'uintptr_t'));
}
