/** Makes responses with their `Content-Type` and `Content-Length`. */
import { encodeError } from '@serving/json-codec';
import type { HttpResponse } from '../http-message.js';

export function toResponse(status: number, contentType: string, body: Uint8Array): HttpResponse {
  return { status, headers: { 'Content-Type': contentType, 'Content-Length': String(body.length) }, body };
}

/**
 * `{"error": MESSAGE}`, as TensorFlow Serving writes it. A longer message than 64 Ki characters is cut: the text of a kernel may
 * quote a whole input.
 */
export function errorResponse(status: number, message: string): HttpResponse {
  const isLong = message.length > MAX_MESSAGE_LENGTH;
  return toResponse(
    status,
    JSON_TYPE,
    encodeError(isLong ? `${message.slice(0, MAX_MESSAGE_LENGTH)}...TRUNCATED` : message),
  );
}

const MAX_MESSAGE_LENGTH = 65_536;

export const JSON_TYPE = 'application/json';
