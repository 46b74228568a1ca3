/** What a server answers in place of a result. */
export class OpenInferenceError extends Error {
  override readonly name: string = 'OpenInferenceError';
  /** The HTTP status. */
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }

  /** Whether the same request may be answered later. */
  get isUnavailable(): boolean {
    return this.status === 503;
  }
}

/** The error of an answer: `{"error"}`, as KServe and MLServer have it `{"detail"}`, or any other text. */
export function errorOfAnswer(status: number, text: string): OpenInferenceError {
  return new OpenInferenceError(status, messageIn(text) || `The server answered with HTTP status ${status}`);
}

function messageIn(text: string): string {
  try {
    const { error, detail } = JSON.parse(text) as { readonly error?: unknown; readonly detail?: unknown };
    const message = error ?? detail;
    return typeof message === 'string' ? message : JSON.stringify(message ?? '').slice(0, 1000);
  } catch {
    return text.slice(0, 1000);
  }
}
