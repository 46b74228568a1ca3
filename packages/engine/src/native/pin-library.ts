/** Keeps a shared library in the process for good. */
import type { Address, Libc, NativeFunction } from './libc.js';
import { openLibrary } from './open-library.js';

/**
 * Loads a library so that nothing unloads it again. koffi closes its libraries when a thread's environment ends, and
 * TensorFlow, whose threads run on, does not survive that: the process would crash at its exit.
 *
 * Runs on libuv's pool, since relocating TensorFlow takes long. Rejects with the system's own text.
 */
export async function pinLibrary(libc: Libc, path: string): Promise<void> {
  if (process.platform === 'win32') return pinOnWindows(path);
  const flags = process.platform === 'darwin' ? DARWIN_FLAGS : LINUX_FLAGS;
  const dlopen: NativeFunction<[string, number], Address> = libc.library.func(
    'uintptr_t dlopen(const char* path, int flags)',
  );
  const dlerror: NativeFunction<[], string | null> = libc.library.func('const char* dlerror()');
  const handle = await callAsync(dlopen, path, flags);
  if (handle !== 0) return;
  // The text of the failed call stays on the pool's thread. A second call here fails alike and has the text.
  if (dlopen(path, flags) === 0) throw new Error(dlerror() ?? `dlopen ${path} failed`);
}

/** RTLD_NOW | RTLD_GLOBAL | RTLD_NODELETE of <dlfcn.h>, which differ by system. */
const LINUX_FLAGS = 0x2 | 0x100 | 0x1000;
const DARWIN_FLAGS = 0x2 | 0x8 | 0x80;

const LOAD_WITH_ALTERED_SEARCH_PATH = 0x8;
const GET_MODULE_HANDLE_EX_FLAG_PIN = 0x1;

async function pinOnWindows(path: string): Promise<void> {
  const kernel = openLibrary('kernel32.dll');
  const loadLibrary: NativeFunction<[string, Address, number], Address> = kernel.func(
    'uintptr_t __stdcall LoadLibraryExW(const char16_t* path, uintptr_t file, uint32_t flags)',
  );
  const getModule: NativeFunction<[number, string, BigUint64Array], number> = kernel.func(
    'int __stdcall GetModuleHandleExW(uint32_t flags, const char16_t* path, _Out_ void* module)',
  );
  if ((await callAsync(loadLibrary, path, 0, LOAD_WITH_ALTERED_SEARCH_PATH)) === 0) {
    throw new Error(`LoadLibraryExW could not load ${path}`);
  }
  if (getModule(GET_MODULE_HANDLE_EX_FLAG_PIN, path, new BigUint64Array(1)) === 0) {
    throw new Error(`GetModuleHandleExW could not pin ${path}`);
  }
}

/** Calls a C function on libuv's pool. Memory among the arguments must stay referenced by the caller until it settles. */
export function callAsync<A extends readonly unknown[], R>(fn: NativeFunction<A, R>, ...args: A): Promise<R> {
  return new Promise((resolve, reject) => {
    fn.async(...args, (error, result) => (error ? reject(error) : resolve(result)));
  });
}
