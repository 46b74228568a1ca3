/** Calls one C function for each of many pointers, all in one call on a thread of libuv's pool. */

import type { LibraryHandle } from 'koffi';
import type { Address, NativeFunction } from './libc.js';

/** Calls its C function once per pointer, in order, on the pool; `callback` follows when all calls are over. */
export type CallEach = (pointers: readonly Address[], callback: () => void) => void;

/** The C function, callable and as an address. */
export interface PointerFunction {
  readonly call: NativeFunction<[pointer: Address], void>;
  readonly address: Address;
}

/**
 * Node brings OpenSSL and exports it for addons; its stack of pointers can be freed together with what they point to, by
 * a function of the caller's. In a Node without OpenSSL the pointers take a call each, one after the other.
 *
 * @param program the running program itself
 */
export function declareCallEach(program: LibraryHandle, fn: PointerFunction): CallEach {
  return callEachByOpenSsl(program, fn) ?? callEachInTurn(fn);
}

function callEachByOpenSsl(program: LibraryHandle, fn: PointerFunction): CallEach | undefined {
  const declared = declareOpenSslStack(program);
  if (declared === undefined) return undefined;
  const { create, push, popFree } = declared;
  return (pointers, callback) => {
    const stack = create();
    for (let i = 0; i < pointers.length; i++) push(stack, pointers[i]!);
    popFree.async(stack, fn.address, callback);
  };
}

interface OpenSslStack {
  readonly create: NativeFunction<[], Address>;
  readonly push: NativeFunction<[stack: Address, pointer: Address], number>;
  /** Calls `free` for each pointer, then frees the stack. */
  readonly popFree: NativeFunction<[stack: Address, free: Address], void>;
}

function declareOpenSslStack(program: LibraryHandle): OpenSslStack | undefined {
  try {
    return {
      create: program.func('uintptr_t OPENSSL_sk_new_null()'),
      push: program.func('int OPENSSL_sk_push(uintptr_t stack, uintptr_t pointer)'),
      popFree: program.func('void OPENSSL_sk_pop_free(uintptr_t stack, uintptr_t free)'),
    };
  } catch {
    return undefined;
  }
}

/** Exported for its test: which of the two is used depends on the Node that runs it. */
export function callEachInTurn(fn: PointerFunction): CallEach {
  return (pointers, callback) => {
    let at = 0;
    const next = (): void => {
      if (at === pointers.length) callback();
      else fn.call.async(pointers[at++]!, next);
    };
    next();
  };
}
