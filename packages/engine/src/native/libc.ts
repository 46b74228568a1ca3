/** The few functions of the C library that everything native here stands on. */
import { textFromBytes } from '@serving/core/internal';
import type { LibraryHandle } from 'koffi';
import { openLibrary } from './open-library.js';

/** A C function: callable at once, or on a thread of libuv's pool through `async`. */
export interface NativeFunction<A extends readonly unknown[], R> {
  (...args: A): R;
  /** Calls it on a thread of libuv's pool. */
  async(...args: [...A, callback: (error: unknown, result: R) => void]): void;
}

/** Memory of JavaScript's that C may read or write during a call. */
export type CallMemory = ArrayBufferView;

/** A native address as a plain number; 0 is the null pointer. */
export type Address = number;

/** Functions of the C library. Addresses must be valid; nothing is checked. */
export interface Libc {
  readonly library: LibraryHandle;
  /** The running program, with the libraries that it is linked to. */
  readonly program: LibraryHandle;
  /** Copies `bytes` bytes of JavaScript's memory to an address. */
  readonly copyIn: NativeFunction<[to: Address, from: CallMemory, bytes: number], Address>;
  /** Copies `bytes` bytes from an address into JavaScript's memory. */
  readonly copyOut: NativeFunction<[to: CallMemory, from: Address, bytes: number], Address>;
  /** Copies between two addresses. */
  readonly copy: NativeFunction<[to: Address, from: Address, bytes: number], Address>;
  /** How many bytes stand before the first zero. */
  readonly strlen: NativeFunction<[text: Address], number>;
  readonly malloc: NativeFunction<[bytes: number], Address>;
  readonly free: NativeFunction<[address: Address], void>;
  /** The address of `free`, for C code that takes a function. */
  readonly freeAddress: Address;
  /** Memory at an address of a multiple of 64 bytes, for `alignedFreeAddress` to free; 0 when there is none. */
  readonly allocateAligned: (bytes: number) => Address;
  readonly alignedFreeAddress: Address;
}

/** The alignment that TensorFlow requires of memory that it uses without a copy. */
const ALIGNMENT = 64;

/** Declares the C library's functions for this thread. */
export function loadLibc(): Libc {
  const library = openLibrary(process.platform === 'win32' ? 'ucrtbase.dll' : null);
  return {
    library,
    program: process.platform === 'win32' ? openLibrary(process.execPath) : library,
    copyIn: library.func('uintptr_t memcpy(uintptr_t to, const void* from, size_t bytes)'),
    copyOut: library.func('uintptr_t memcpy(_Out_ void* to, uintptr_t from, size_t bytes)'),
    copy: library.func('uintptr_t memcpy(uintptr_t to, uintptr_t from, size_t bytes)'),
    strlen: library.func('size_t strlen(uintptr_t text)'),
    malloc: library.func('uintptr_t malloc(size_t bytes)'),
    free: library.func('void free(uintptr_t address)'),
    freeAddress: Number(library.symbol('free')),
    ...declareAligned(library),
  };
}

function declareAligned(library: LibraryHandle): Pick<Libc, 'allocateAligned' | 'alignedFreeAddress'> {
  if (process.platform === 'win32') {
    const allocate: NativeFunction<[number, number], Address> = library.func(
      'uintptr_t _aligned_malloc(size_t bytes, size_t alignment)',
    );
    return {
      allocateAligned: (bytes) => allocate(Math.max(bytes, 1), ALIGNMENT),
      alignedFreeAddress: Number(library.symbol('_aligned_free')),
    };
  }
  const allocate: NativeFunction<[number, number], Address> = library.func(
    'uintptr_t aligned_alloc(size_t alignment, size_t bytes)',
  );
  return {
    // The size has to be a multiple of the alignment, and not 0.
    allocateAligned: (bytes) => allocate(ALIGNMENT, Math.max(Math.ceil(bytes / ALIGNMENT), 1) * ALIGNMENT),
    alignedFreeAddress: Number(library.symbol('free')),
  };
}

/** A C string's text; its bytes need not be UTF-8. */
export function textAt(libc: Libc, address: Address): string {
  const bytes = new Uint8Array(libc.strlen(address));
  libc.copyOut(bytes, address, bytes.length);
  return textFromBytes(bytes);
}

/**
 * Sets a variable of the process's real environment unless it is set. `process.env` will not do: in a worker thread it
 * is a copy that C code never sees.
 */
export function setEnvironmentDefault(libc: Libc, name: string, value: string): void {
  if (readEnvironment(libc, name) === null) writeEnvironment(libc, name, value);
}

/** {@link setEnvironmentDefault}; returns what takes the variable back. */
export function setEnvironmentFor(libc: Libc, name: string, value: string): () => void {
  if (readEnvironment(libc, name) !== null) return () => undefined;
  writeEnvironment(libc, name, value);
  return () => writeEnvironment(libc, name, undefined);
}

function readEnvironment({ library }: Libc, name: string): string | null {
  const get: NativeFunction<[string], string | null> = library.func('const char* getenv(const char* name)');
  return get(name);
}

function writeEnvironment({ library }: Libc, name: string, value: string | undefined): void {
  if (process.platform === 'win32') {
    // An empty value removes it.
    library.func('int _putenv_s(const char* name, const char* value)')(name, value ?? '');
  } else if (value === undefined) library.func('int unsetenv(const char* name)')(name);
  else library.func('int setenv(const char* name, const char* value, int overwrite)')(name, value, 1);
}
