/** Where commands write; the process's own streams, or a test's. */

/** A stream of text. */
export interface TextSink {
  /** Called with whole lines or parts of them; its result is ignored. */
  write(text: string): unknown;
  /** Whether a person watches it, so that lines may be overwritten. */
  readonly isTTY?: boolean;
}

/** A command's two outputs. */
export interface Output {
  /** The result. */
  readonly stdout: TextSink;
  /** Everything else: progress, logs, errors. */
  readonly stderr: TextSink;
}
