/** Where commands write; the process's own streams, or a test's. */

/** A stream of text. */
export interface TextSink {
  /** Called with whole lines or parts of them; what it returns is not looked at. */
  write(text: string): unknown;
  /** Whether a person watches it, so that lines may be overwritten. */
  readonly isTTY?: boolean;
}

/** A command's two outputs. */
export interface Output {
  /** What was asked for. */
  readonly stdout: TextSink;
  /** Everything else: progress, logs, errors. */
  readonly stderr: TextSink;
}
