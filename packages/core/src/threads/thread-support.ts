/** What serving needs of the system, above all from several threads, and packages with native calls bring. */

/** The exports of a platform's `threadSupport` module. */
export interface ThreadSupport {
  /** Returns a new descriptor of the same open file, which child processes do not inherit. @throws ServingError */
  duplicateDescriptor(descriptor: number): number;
  /**
   * Takes a connection from the queue of a listening socket, and returns its descriptor, which child processes do not inherit; `undefined`
   * when none is queued, or it can't be accepted. The socket must not block.
   */
  acceptConnection(listening: number): number | undefined;
  /** Closes a descriptor that no handle owns. */
  closeDescriptor(descriptor: number): void;
}

/** @param module URL of a module that exports {@link ThreadSupport} */
export async function loadThreadSupport(module: string): Promise<ThreadSupport> {
  return (await import(module)) as ThreadSupport;
}
