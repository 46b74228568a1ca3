/** Reads a body from a stream of `node:http`, or answers one that is too large to be read. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Readable } from 'node:stream';
import type { BufferPool } from '@serving/core/batching';
import type { Clock } from '@serving/core/extend';
import type { BodyBytes, HttpResponse } from '../http-message.js';

/** A body up to this comes in few pieces. */
export const LEAST_GATHERED: number = 256 * 1024;

/** A larger one is left in its pieces. */
export const MOST_GATHERED: number = 8 * 1024 * 1024;

/**
 * Calls `done` once: with the body, or as soon as it turns out too large. Not at all when the client goes before its end.
 * `release` comes with bytes whose memory can serve the next body, and is for when nobody will look at them again.
 *
 * Large bodies are gathered in memory of the pool while they come in. Node makes a buffer of 64 KiB for every piece; kept until a
 * body is whole, those of many bodies at once grow old, and the collector has to look through all memory to free them. Copied
 * at once they go while they are young.
 *
 * @param announced the body's length where the client has told it, otherwise 0
 */
export function readNodeBody(
  body: Readable,
  announced: number,
  limit: number,
  buffers: BufferPool,
  done: (body: BodyBytes | 'too-large', release?: () => void) => void,
): void {
  // A parser in front has read a body of no bytes: the end has been and won't be told of again.
  if (body.readableEnded) {
    done(noBytes);
    return;
  }
  const isGathered = announced > LEAST_GATHERED && announced <= MOST_GATHERED;
  let chunks: Buffer[] = [];
  let memory: Buffer | undefined;
  let length = 0;
  body.on('data', (chunk: Buffer) => {
    if (length > limit) return;
    const before = length;
    length += chunk.length;
    if (length > limit) {
      chunks = [];
      memory = undefined;
      done('too-large');
    } else if (memory !== undefined && length <= memory.length) {
      memory.set(chunk, before);
    } else {
      // More than was announced, as a lenient parser lets through.
      if (memory !== undefined) chunks = [memory.subarray(0, before)];
      memory = undefined;
      chunks.push(chunk);
      // Not sooner, so that nobody gets memory for a length that is only announced.
      if (isGathered && length > LEAST_GATHERED && length <= announced) {
        memory = gather(chunks, Buffer.from(buffers.take(announced)));
        chunks = [];
      }
    }
  });
  body.on('end', () => {
    if (length > limit) return;
    const gathered = memory;
    if (gathered !== undefined) done(gathered.subarray(0, length), () => buffers.give(gathered.buffer));
    else done(chunks.length > 1 ? chunks : (chunks[0] ?? noBytes));
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
 * Answers before the body has come, then closes the connection. What the client still sends is thrown away for a moment:
 * closing with unread data would reset the connection, and the client might never see the answer.
 */
export function rejectBody(
  { status, headers, body }: HttpResponse,
  { request, response }: { readonly request: IncomingMessage; readonly response: ServerResponse },
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
