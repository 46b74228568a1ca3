/** The warning for a session with other pools than its process has. */

/**
 * Emits a process warning with the code `SERVING_THREAD_POOLS`, for runtimes.
 *
 * @param made the number that the pool was made with; 0 is TensorFlow's own choice
 */
export function warnOfThreadPool(name: 'intraOpThreads' | 'interOpThreads', asked: number, made: number): void {
  const actual = made === 0 ? "TensorFlow's own choice" : String(made);
  process.emitWarning(
    `${name}=${asked} has no effect: TensorFlow has one pool per process, which its first session made with ${actual}. ` +
      'Give all models the same number, and tell it to the runtime (configure) before describe() or the first load',
    { type: 'ServingWarning', code: 'SERVING_THREAD_POOLS' },
  );
}
