/** Sends a request and keeps what a person wants to know of it. */
import { errorOf, type NamedTensors, outputsOf } from './answer.js';
import type { HttpCall } from './predict-call.js';

/** Where the time of a request went, in milliseconds as the browser measured it. */
export interface ClientTiming {
  readonly totalMs: number;
  /** From sending to the first byte of the answer. */
  readonly waitMs: number;
  readonly downloadMs: number;
}

export interface Exchange {
  readonly call: HttpCall;
  /** Of the header `Console-Request`. */
  readonly id: string;
  readonly status: number;
  readonly timing: ClientTiming;
  readonly requestBytes: number;
  readonly responseBytes: number;
  /** Of an answer with status 200. */
  readonly outputs?: NamedTensors;
  /** Of any other answer. */
  readonly error?: string;
}

let lastId = 0;

/** Resolves with an answer of any status; rejects when the server can not be reached. */
export async function sendCall(call: HttpCall, signal?: AbortSignal): Promise<Exchange> {
  const id = `page-${Math.random().toString(36).slice(2, 8)}-${++lastId}`;
  const start = performance.now();
  const response = await fetch(call.address, {
    method: 'POST',
    headers: { ...call.headers, 'Console-Request': id },
    body: call.body,
    signal: signal ?? null,
  });
  const answered = performance.now();
  const body = new Uint8Array(await response.arrayBuffer());
  const end = performance.now();
  const timing = { totalMs: end - start, waitMs: answered - start, downloadMs: end - answered };
  const requestBytes = typeof call.body === 'string' ? new TextEncoder().encode(call.body).length : call.body.length;
  const exchange = { call, id, status: response.status, timing, requestBytes, responseBytes: body.length };
  if (!response.ok) return { ...exchange, error: errorOf(body) };
  return { ...exchange, outputs: outputsOf({ headers: response.headers, body }, call.target.signature) };
}
