/**
 * Has signal handlers run on a stack of their own. Matrix products of TensorFlow (2.21 on x86-64) use the stack pointer as a general
 * register while they run: a handler that the system begins there writes over the heap, and the process ends later.
 */
import { constants } from 'node:os';
import { isMainThread } from 'node:worker_threads';
import type { Libc, NativeFunction } from './libc.js';

/** Room for the registers of any processor, which the system puts there too. */
const STACK_BYTES = 256 * 1024;
/** `stack_t` of Linux: address, flags (a 32-bit integer), size. */
const [STACK_ADDRESS, STACK_FLAGS, STACK_SIZE, STACK_WORDS] = [0, 1, 2, 3];
const SS_DISABLE = 2n;
/** `struct sigaction` of Linux's C libraries: handler, 128 bytes of mask, flags (a 32-bit integer), restorer. */
const [ACTION_HANDLER, ACTION_FLAGS, ACTION_WORDS] = [0, 17, 19];
const SA_ONSTACK = 0x0800_0000n;
/** `SIG_IGN`; `SIG_DFL` is 0. */
const SIG_IGN = 1n;

let isPrepared = false;

/**
 * Prepares the calling thread for kernels of TensorFlow, once: its handlers get a stack unless the host has set one, and those that Node
 * has for the host's listeners and for child processes are changed to use it, now and when a listener is added. Nothing on other systems
 * than Linux. V8's profiler uses such a stack by itself.
 */
export function useHandlerStack(libc: Libc): void {
  if (isPrepared || process.platform !== 'linux') return;
  isPrepared = true;
  setStack(libc);
  if (isMainThread) changeHandlers(libc);
}

/** The memory lives as long as the thread. */
function setStack({ library, malloc }: Libc): void {
  const sigaltstack: NativeFunction<[stack: BigUint64Array | null, old: BigUint64Array | null], number> = library.func(
    'int sigaltstack(const void* stack, _Out_ void* old)',
  );
  const stack = new BigUint64Array(STACK_WORDS);
  if (sigaltstack(null, stack) !== 0 || (stack[STACK_FLAGS]! & SS_DISABLE) === 0n) return;
  stack[STACK_ADDRESS] = BigInt(malloc(STACK_BYTES));
  stack[STACK_FLAGS] = 0n;
  stack[STACK_SIZE] = BigInt(STACK_BYTES);
  sigaltstack(stack, null);
}

function changeHandlers({ library }: Libc): void {
  const sigaction: NativeFunction<[signal: number, action: BigUint64Array | null, old: BigUint64Array | null], number> =
    library.func('int sigaction(int signal, const void* action, _Out_ void* old)');
  const action = new BigUint64Array(ACTION_WORDS);
  const change = (event: string | symbol): void => {
    const signal = signalNumber(event);
    if (signal === undefined || sigaction(signal, null, action) !== 0) return;
    const handler: bigint = action[ACTION_HANDLER]!;
    if (handler <= SIG_IGN || (action[ACTION_FLAGS]! & SA_ONSTACK) !== 0n) return;
    action[ACTION_FLAGS]! |= SA_ONSTACK;
    sigaction(signal, action, null);
  };
  // Node sets the handler of child processes with the first and removes it with the last. While there is a listener it stays as it is.
  process.on('SIGCHLD', () => undefined);
  for (const event of process.eventNames()) change(event);
  // The handler is set by a listener of this event, which may come after this one.
  process.on('newListener', (event) => {
    if (signalNumber(event) !== undefined) process.nextTick(change, event);
  });
}

function signalNumber(event: string | symbol): number | undefined {
  return typeof event === 'string' ? (constants.signals as Readonly<Record<string, number>>)[event] : undefined;
}
