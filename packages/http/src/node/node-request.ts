/** A `node:http` request as the REST API reads it, and its body. */
import type { EventEmitter } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Readable } from 'node:stream';
import { ServingError } from '@serving/core';
import type { BufferPool } from '@serving/core/batching';
import type { Clock } from '@serving/core/extend';
import type { BodyBytes, HttpRequest, HttpResponse } from '../http-message.js';
import type { BodyPlace, BodyPlaces } from './body-places.js';

/** Its signal is made when it is first read. */
export class NodeRequest implements HttpRequest {
  readonly method: string;
  readonly target: string;
  body: BodyBytes | undefined = undefined;
  parsedBody: unknown = undefined;
  releaseBody: (() => void) | undefined = undefined;
  /** Of a large body; left when the body is released, or the request answered. */
  place: BodyPlace | undefined = undefined;
  private readonly message: IncomingMessage;
  private readonly response: ServerResponse;
  private readonly signals: CloseSignals;
  private isInflated = false;

  /** @param target path and query below the mount point */
  constructor(message: IncomingMessage, response: ServerResponse, signals: CloseSignals, target: string) {
    this.method = message.method ?? '';
    this.target = target;
    this.message = message;
    this.response = response;
    this.signals = signals;
  }

  header(name: string): string | undefined {
    if (this.isInflated && name === 'content-encoding') return undefined;
    const value = this.message.headers[name];
    return Array.isArray(value) ? value.join(', ') : value;
  }

  get signal(): AbortSignal {
    const { message, response, signals } = this;
    return signals.of(message.httpVersionMajor === 1 ? message.socket : response);
  }

  /**
   * Takes the body that a parser in front has read: the bytes that the host keeps in `request.rawBody`, or else the body as it
   * was parsed, as bytes or as text. Inflated where it was compressed. Returns an error when only the fields of a form are left.
   */
  takeParsed(parsed: unknown): ServingError | undefined {
    const { rawBody } = this.message as IncomingMessage & { readonly rawBody?: unknown };
    const kept = isText(rawBody) ? rawBody : parsed;
    this.isInflated = true;
    if (isText(kept)) this.body = typeof kept === 'string' ? Buffer.from(kept) : kept;
    else if (kept !== undefined && isForm(this.message)) return new ServingError('INVALID_ARGUMENT', FORM_PARSED);
    else this.parsedBody = kept;
    return undefined;
  }
}

function isText(body: unknown): body is Uint8Array | string {
  return body instanceof Uint8Array || typeof body === 'string';
}

function isForm({ headers }: IncomingMessage): boolean {
  return headers['content-type']?.toLowerCase().startsWith('application/x-www-form-urlencoded') ?? false;
}

const FORM_PARSED =
  'A form parser has consumed it, as its Content-Type is "application/x-www-form-urlencoded". Send "Content-Type: application/json", mount the REST API in front of the form parser, or have the parser keep the bytes in "request.rawBody".';

/** A body up to this comes in few pieces. */
export const LEAST_GATHERED: number = 256 * 1024;

/** A larger one is left in its pieces. */
export const MOST_GATHERED: number = 8 * 1024 * 1024;

/**
 * Calls `done` once: with the body, or as soon as it turns out too large. Not at all when the client goes before its end.
 * `release` comes with bytes whose memory can serve the next body: it is to be called when they are not read any more.
 *
 * Large bodies are gathered in memory of the pool while they come in. Node makes a buffer of 64 KiB for every piece; kept until a
 * body is whole, those of many bodies at once grow old, and the collector has to scan all memory to free them. Copied at
 * once they are freed while they are young.
 *
 * @param announced the body's length where the client announced it, otherwise 0
 * @param places for bodies that are announced as large; the caller leaves the place when the request is answered at the latest
 */
export function readNodeBody(
  body: Readable,
  announced: number,
  limit: number,
  buffers: BufferPool,
  places: BodyPlaces,
  done: (body: BodyBytes | 'too-large', release?: () => void, place?: BodyPlace) => void,
): void {
  // A parser in front has read a body of no bytes: no further `end` comes.
  if (body.readableEnded) {
    done(noBytes);
    return;
  }
  const isLarge = announced > LEAST_GATHERED;
  const isGathered = announced > LEAST_GATHERED && announced <= MOST_GATHERED;
  let chunks: Buffer[] = [];
  let memory: Buffer | undefined;
  let length = 0;
  let place: BodyPlace | undefined;
  body.on('data', (chunk: Buffer) => {
    if (length > limit) return;
    const before = length;
    length += chunk.length;
    place?.onBytes(chunk.length);
    if (length > limit) {
      chunks = [];
      memory = undefined;
      place?.leave();
      done('too-large');
    } else if (memory !== undefined && length <= memory.length) {
      memory.set(chunk, before);
    } else {
      // More than was announced, as a lenient parser lets through.
      if (memory !== undefined) chunks = [memory.subarray(0, before)];
      memory = undefined;
      chunks.push(chunk);
      // Not sooner, so that a length that is only announced takes no memory.
      if (isGathered && length > LEAST_GATHERED && length <= announced) {
        memory = gather(chunks, Buffer.from(buffers.take(announced)));
        chunks = [];
      }
    }
  });
  if (isLarge) {
    place = places.enter(body);
    // The client has gone.
    body.once('close', () => {
      if (!body.readableEnded) place?.leave();
    });
  }
  body.on('end', () => {
    if (length > limit) return;
    const gathered = memory;
    if (gathered === undefined) return done(chunks.length > 1 ? chunks : (chunks[0] ?? noBytes), undefined, place);
    const release = (): void => {
      buffers.give(gathered.buffer);
      place?.leave();
    };
    done(gathered.subarray(0, length), release, place);
  });
}

const noBytes = new Uint8Array(0);

function gather(chunks: readonly Buffer[], memory: Buffer): Buffer {
  let at = 0;
  for (const chunk of chunks) {
    memory.set(chunk, at);
    at += chunk.length;
  }
  return memory;
}

/**
 * Answers before the body has come, then closes the connection. What the client still sends is discarded for a moment:
 * closing with unread data would reset the connection, and the client might never see the answer.
 */
export function rejectBody(
  { status, headers, body }: HttpResponse,
  request: IncomingMessage,
  response: ServerResponse,
  clock: Clock,
): void {
  response.writeHead(status, headers);
  response.write(body);
  const cancel = clock.setTimer(() => response.end(), LINGER_MS);
  request.on('close', () => {
    cancel();
    response.end();
  });
  request.resume();
}

const LINGER_MS = 1000;

/** A connection, or a stream of HTTP/2. */
export type Closeable = EventEmitter & { readonly destroyed: boolean };

/** One signal per connection, shared by all of its requests: making one costs as much as a small run. */
export class CloseSignals {
  readonly #signals = new WeakMap<Closeable, AbortSignal>();

  /** Aborted when the connection closes, or when it has closed already. */
  of(closeable: Closeable): AbortSignal {
    const known = this.#signals.get(closeable);
    if (known) return known;
    const controller = new AbortController();
    if (closeable.destroyed) controller.abort();
    else closeable.once('close', () => controller.abort());
    this.#signals.set(closeable, controller.signal);
    return controller.signal;
  }
}
