/** Answers of the console beside its pages. */
import type { ServingError } from '@serving/core';
import type { HttpResponse } from '@serving/http/adapter';
import { securityHeaders } from './assets/security-headers.js';

/** JSON, which is never kept. */
export function jsonAnswer(value: unknown, status = 200, more: Readonly<Record<string, string>> = {}): HttpResponse {
  const body = Buffer.from(JSON.stringify(value));
  return {
    status,
    headers: {
      ...securityHeaders,
      'Content-Type': 'application/json',
      'Content-Length': String(body.length),
      'Cache-Control': 'no-store',
      ...more,
    },
    body,
  };
}

/** `{"error": MESSAGE}`. */
export function errorAnswer(
  error: ServingError,
  status: number = error.status,
  more: Readonly<Record<string, string>> = {},
): HttpResponse {
  return jsonAnswer({ error: error.clientMessage }, status, more);
}

/** @param location relative to the request's address */
export function redirectAnswer(location: string): HttpResponse {
  const headers = { ...securityHeaders, Location: location, 'Content-Length': '0', 'Cache-Control': 'no-cache' };
  return { status: 302, headers, body: new Uint8Array(0) };
}

/** Server-sent events. Proxies and compressing middleware pass them on at once. */
export function streamAnswer(stream: AsyncIterable<Uint8Array> | undefined): HttpResponse {
  const headers = {
    ...securityHeaders,
    'Content-Type': 'text/event-stream',
    'Cache-Control': 'no-store, no-transform',
    'X-Accel-Buffering': 'no',
  };
  return { status: 200, headers, body: new Uint8Array(0), ...(stream && { stream }) };
}
