/** What serving from several threads needs of the system, which packages with native calls bring. */

/** The exports of a platform's `threadSupport` module. */
export interface ThreadSupport {
  /** Returns a new descriptor of the same open file, which child processes do not inherit. @throws ServingError */
  duplicateDescriptor(descriptor: number): number;
  /** Closes a descriptor that no handle owns. */
  closeDescriptor(descriptor: number): void;
}

/** @param module URL of a module that exports {@link ThreadSupport} */
export async function loadThreadSupport(module: string): Promise<ThreadSupport> {
  return (await import(module)) as ThreadSupport;
}
