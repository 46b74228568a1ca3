/** Answers of the protocol over HTTP. */
import { ServingError } from '@serving/core';
import type { HttpResponse } from '@serving/http/adapter';

const JSON_TYPE = 'application/json';
/** The text of a kernel may quote a whole input. */
const MAX_MESSAGE_LENGTH = 65_536;

/** An answer with JSON. */
export function jsonResponse(value: unknown, status = 200): HttpResponse {
  return bytesResponse(Buffer.from(JSON.stringify(value)), JSON_TYPE, status);
}

/** An answer with a body that is encoded. */
export function bytesResponse(body: Uint8Array, contentType: string = JSON_TYPE, status = 200): HttpResponse {
  return { status, headers: { 'Content-Type': contentType, 'Content-Length': String(body.length) }, body };
}

/** `{"error": MESSAGE}` with the status of the error. */
export function failureResponse(reason: unknown): HttpResponse {
  const { status, clientMessage } = ServingError.from(reason, 'INTERNAL');
  const isLong = clientMessage.length > MAX_MESSAGE_LENGTH;
  const error = isLong ? `${clientMessage.slice(0, MAX_MESSAGE_LENGTH)}...TRUNCATED` : clientMessage;
  const response = jsonResponse({ error }, status);
  return status === 415
    ? { ...response, headers: { ...response.headers, 'Accept-Encoding': 'gzip, deflate' } }
    : response;
}

/** An error with an HTTP status that its code does not have. */
export function errorWithStatus(status: number, error: ServingError): ServingError {
  error.status = status;
  return error;
}
