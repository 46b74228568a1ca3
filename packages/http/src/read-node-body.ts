/** Reads a body from a stream of `node:http`. */
import type { Readable } from 'node:stream';
import type { BodyBytes } from './http-message.js';

/** Calls `done` once: with the body, or as soon as it turns out too large. Not at all when the client goes before its end. */
export function readNodeBody(body: Readable, limit: number, done: (body: BodyBytes | 'too-large') => void): void {
  // A parser in front has read a body of no bytes: the end has been and won't be told of again.
  if (body.readableEnded) {
    done(noBytes);
    return;
  }
  let chunks: Buffer[] | undefined;
  let single: Buffer | undefined;
  let length = 0;
  body.on('data', (chunk: Buffer) => {
    if (length > limit) return;
    length += chunk.length;
    if (length > limit) {
      chunks = undefined;
      done('too-large');
    } else if (single === undefined) {
      single = chunk;
    } else {
      chunks ??= [single];
      chunks.push(chunk);
    }
  });
  body.on('end', () => {
    if (length <= limit) done(chunks ?? single ?? noBytes);
  });
}

const noBytes = new Uint8Array(0);
