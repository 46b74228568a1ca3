/** What a server answers in place of a result. */
export class OpenInferenceError extends Error {
  override readonly name: string = 'OpenInferenceError';
  /** The HTTP status; over gRPC the one that stands for its code. */
  readonly status: number;
  /** The status code of gRPC, such as `NOT_FOUND`; over HTTP the one that the status stands for. */
  readonly code: string;

  constructor(status: number, message: string, { code, ...options }: ErrorOptions & { readonly code?: string } = {}) {
    super(message, options);
    this.status = status;
    this.code = code ?? codesByStatus[status] ?? (status < 500 ? 'INVALID_ARGUMENT' : 'UNKNOWN');
  }

  /** Whether the same request may be answered later. */
  get isUnavailable(): boolean {
    return this.code === 'UNAVAILABLE';
  }
}

const codesByStatus: Readonly<Record<number, string>> = {
  401: 'UNAUTHENTICATED',
  403: 'PERMISSION_DENIED',
  404: 'NOT_FOUND',
  413: 'RESOURCE_EXHAUSTED',
  429: 'RESOURCE_EXHAUSTED',
  500: 'INTERNAL',
  501: 'UNIMPLEMENTED',
  503: 'UNAVAILABLE',
  504: 'DEADLINE_EXCEEDED',
};

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
