/** ONNX Runtime's `OrtStatus` as our error. */
import { type ErrorCode, ServingError } from '@serving/core';
import { type Address, type Libc, type NativeFunction, textAt } from '@serving/engine/native';

/** What reads and releases statuses. */
export interface StatusFunctions {
  readonly getErrorCode: NativeFunction<[status: Address], number>;
  readonly getErrorMessage: NativeFunction<[status: Address], Address>;
  readonly releaseStatus: NativeFunction<[status: Address], void>;
}

/** By `OrtErrorCode`. */
const codes: readonly ErrorCode[] = [
  'UNKNOWN',
  'INTERNAL',
  'INVALID_ARGUMENT',
  'NOT_FOUND',
  'NOT_FOUND',
  'INTERNAL',
  'INTERNAL',
  'INVALID_ARGUMENT',
  'FAILED_PRECONDITION',
  'UNIMPLEMENTED',
  'INVALID_ARGUMENT',
  'INTERNAL',
  'CANCELLED',
  'FAILED_PRECONDITION',
  'NOT_FOUND',
];

/** What a failed call said. */
export interface StatusText {
  readonly code: ErrorCode;
  /** ONNX Runtime's message, unchanged. */
  readonly message: string;
}

/** Takes statuses that calls return; each is released once. */
export class NativeStatuses {
  readonly #libc: Libc;
  readonly #functions: StatusFunctions;

  constructor(libc: Libc, functions: StatusFunctions) {
    this.#libc = libc;
    this.#functions = functions;
  }

  /** Reads and releases a status; `undefined` for success. */
  take(status: Address): StatusText | undefined {
    if (status === 0) return undefined;
    try {
      const message = textAt(this.#libc, this.#functions.getErrorMessage(status));
      return { code: codes[this.#functions.getErrorCode(status)] ?? 'UNKNOWN', message };
    } finally {
      this.#functions.releaseStatus(status);
    }
  }

  /** @throws ServingError what the status holds, unless it is 0. */
  throwIfFailed(status: Address): void {
    if (status === 0) return;
    const { code, message } = this.take(status)!;
    throw new ServingError(code, `ONNX Runtime: ${message}`);
  }
}
