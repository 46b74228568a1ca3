/** The body of any response as a client gets it: a JSON object, an error, or a page of something in between. */
import { type ErrorCode, ServingError } from '@serving/core';
import { httpStatus as httpStatusOf, textFromBytes } from '@serving/core/internal';
import { readJson } from '../json/json-reader.js';
import { type JsonTape, NONE, OBJECT, STRING } from '../json/json-tape.js';

/** Facts about a response beside its body. */
export interface ResponseDecodeOptions {
  /** The HTTP status, from which an error gets its code. Default: none; an error is `UNKNOWN` then. */
  readonly httpStatus?: number;
}

/** The node of the body itself. */
export const ROOT = 0;

/**
 * Reads a body that should hold a result.
 *
 * @throws ServingError the error of the body or of the HTTP status, `INTERNAL` for a body that is not a JSON object.
 */
export function readResponseBody(body: Uint8Array, { httpStatus }: ResponseDecodeOptions): JsonTape {
  const failed = httpStatus !== undefined && (httpStatus < 200 || httpStatus > 299);
  let tape: JsonTape;
  try {
    tape = readJson(body);
  } catch (error) {
    if (failed) throw unexplained(httpStatus, body);
    throw malformed(ServingError.from(error).message, error);
  }
  const message = tape.kind(ROOT) === OBJECT ? tape.member(ROOT, 'error') : NONE;
  if (message !== NONE && tape.kind(message) === STRING) {
    throw new ServingError(codeOf(httpStatus), tape.stringValue(message));
  }
  if (failed) throw unexplained(httpStatus, body);
  if (tape.kind(ROOT) !== OBJECT) throw malformed('it is not a JSON object');
  return tape;
}

/** A response that no TensorFlow Serving sends. */
export function malformed(what: string, cause?: unknown): ServingError {
  return new ServingError('INTERNAL', `Malformed response: ${what}`, { cause });
}

/** In the order of preference where several codes have one status. */
const CODES: readonly ErrorCode[] = [
  'INVALID_ARGUMENT',
  'NOT_FOUND',
  'ABORTED',
  'PERMISSION_DENIED',
  'UNAUTHENTICATED',
  'RESOURCE_EXHAUSTED',
  'CANCELLED',
  'UNIMPLEMENTED',
  'UNAVAILABLE',
  'DEADLINE_EXCEEDED',
  'INTERNAL',
];

const BAD_GATEWAY = 502;
const EXCERPT = 200;

function codeOf(httpStatus: number | undefined): ErrorCode {
  if (httpStatus === BAD_GATEWAY) return 'UNAVAILABLE';
  return CODES.find((code) => httpStatusOf(code) === httpStatus) ?? 'UNKNOWN';
}

function unexplained(httpStatus: number, body: Uint8Array): ServingError {
  const excerpt = textFromBytes(body.subarray(0, EXCERPT));
  return new ServingError(codeOf(httpStatus), `HTTP status ${httpStatus}${excerpt === '' ? '' : `: ${excerpt}`}`);
}
