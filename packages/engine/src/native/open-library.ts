/** Opens shared libraries through koffi, whose calls here run on stacks that TensorFlow's kernels fit on. */
import { ServingError } from '@serving/core';
import { config, type LibraryHandle, load } from 'koffi';

/** What a thread of the system's has on most systems. Only the pages that a call touches take memory. */
const STACK_BYTES = 8 * 2 ** 20;

/**
 * Opens the library at `path`, or the process itself. Every library of this package is opened here: koffi's own stacks,
 * 128 KiB for calls on a thread, are too small for TensorFlow, and koffi only takes other sizes before the thread's
 * first library.
 *
 * @throws ServingError `FAILED_PRECONDITION` when the host has used koffi in this thread already, with smaller stacks.
 */
export function openLibrary(path: string | null): LibraryHandle {
  ensureStackSizes();
  return load(path);
}

function ensureStackSizes(): void {
  const { sync_stack_size: sync = 0, async_stack_size: async = 0 } = config();
  if (sync >= STACK_BYTES && async >= STACK_BYTES) return;
  try {
    config({
      sync_stack_size: Math.max(sync, STACK_BYTES),
      async_stack_size: Math.max(async, STACK_BYTES),
    });
  } catch (cause) {
    throw new ServingError(
      'FAILED_PRECONDITION',
      `This thread has used koffi already, with stacks of ${sync} bytes (${async} bytes on threads); TensorFlow needs ` +
        `${STACK_BYTES}. Call koffi.config({ sync_stack_size: ${STACK_BYTES}, async_stack_size: ${STACK_BYTES} }) before ` +
        'the first koffi.load, or load the first model before it',
      { cause },
    );
  }
}
