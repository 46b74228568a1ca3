/** Makes responses with their `Content-Type` and `Content-Length`. */
import { encodeError } from '@serving/json-codec';
import type { HttpResponse } from '../http-message.js';

export function toResponse(status: number, contentType: string, body: Uint8Array): HttpResponse {
  return { status, headers: { 'Content-Type': contentType, 'Content-Length': String(body.length) }, body };
}

/** `{"error": MESSAGE}`, as TensorFlow Serving writes it. */
export function errorResponse(status: number, message: string): HttpResponse {
  return toResponse(status, JSON_TYPE, encodeError(message));
}

export const JSON_TYPE = 'application/json';
