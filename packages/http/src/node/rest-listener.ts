/** The listener behind a `RestServer`. */

/** What a server is a front of. */
export interface RestListener {
  /** As bound. @throws ServingError `FAILED_PRECONDITION` when it is closed */
  readonly address: { readonly address: string; readonly port: number };
  drain(): void;
  close(options: { readonly timeoutMs?: number }): Promise<void>;
}
