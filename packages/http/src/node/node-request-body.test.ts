import { PassThrough } from 'node:stream';
import { BufferPool } from '@serving/core/batching';
import { systemClock } from '@serving/core/extend';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { BodyBytes } from '../http-message.js';
import { wholeOf } from '../http-message.js';
import { BodyPlaces } from './body-places.js';
import { LEAST_GATHERED, MOST_GATHERED, readNodeBody } from './node-request.js';

interface Outcome {
  readonly body: BodyBytes | 'too-large';
  readonly release: (() => void) | undefined;
}

const buffers = new BufferPool();
const places = new BodyPlaces(systemClock);

function read(chunks: readonly Buffer[], announced: number, limit = Number.POSITIVE_INFINITY): Promise<Outcome[]> {
  const stream = new PassThrough();
  const outcomes: Outcome[] = [];
  readNodeBody(stream, announced, limit, buffers, places, (body, release, place) => {
    place?.leave();
    outcomes.push({ body, release });
  });
  for (const chunk of chunks) stream.write(chunk);
  stream.end();
  return new Promise((resolve) => stream.once('close', () => resolve(outcomes)));
}

/** Bytes that tell where in the body they stand. */
function bytesOf(length: number): Buffer {
  const bytes = Buffer.alloc(length);
  for (let i = 0; i < length; i++) bytes[i] = (i * 31) >> 8;
  return bytes;
}

function cut(bytes: Buffer, size: number): Buffer[] {
  const chunks: Buffer[] = [];
  for (let at = 0; at < bytes.length; at += size) chunks.push(bytes.subarray(at, at + size));
  return chunks;
}

describe('readNodeBody', () => {
  it('hands on what came, whatever its length and its pieces', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 0, max: 3 * LEAST_GATHERED }),
        fc.integer({ min: 20_000, max: 200_000 }),
        fc.boolean(),
        async (length, size, isAnnounced) => {
          const bytes = bytesOf(length);
          const outcomes = await read(cut(bytes, size), isAnnounced ? length : 0);
          expect(outcomes).toHaveLength(1);
          const [{ body, release }] = outcomes as [Outcome];
          expect(bytes.equals(wholeOf(body as BodyBytes))).toBe(true);
          release?.();
        },
      ),
      { numRuns: 40 },
    );
  });

  it('gathers a large body of announced length, and takes the memory again once it is released', async () => {
    const bytes = bytesOf(LEAST_GATHERED + 100_000);
    const [first] = await read(cut(bytes, 65_536), bytes.length);
    first!.release!();
    const [second] = await read(cut(bytes.fill(7), 65_536), bytes.length);
    expect((second!.body as Buffer).buffer).toBe((first!.body as Buffer).buffer);
    const [third] = await read(cut(bytes, 65_536), bytes.length);
    expect((third!.body as Buffer).buffer === (second!.body as Buffer).buffer).toBe(false);
  });

  it.each([
    ['of unknown length', 0, LEAST_GATHERED + 100_000],
    ['that is small', LEAST_GATHERED, LEAST_GATHERED],
    ['that is very large', MOST_GATHERED + 1, MOST_GATHERED + 1],
  ])('leaves a body %s in its pieces', async (_, announced, length) => {
    const [{ body, release }] = (await read(cut(bytesOf(length), 65_536), announced)) as [Outcome];
    expect(body).toBeInstanceOf(Array);
    expect(release).toBeUndefined();
  });

  it.each([300_000, 400_000, 700_000])(
    'hands on all of a body longer than the %s bytes that were announced',
    async (announced) => {
      const bytes = bytesOf(announced + 500_000);
      const [{ body, release }] = (await read(cut(bytes, 65_536), announced)) as [Outcome];
      expect(bytes.equals(wholeOf(body as BodyBytes))).toBe(true);
      expect(release).toBeUndefined();
    },
  );

  it('tells once of a body that turns out too large', async () => {
    const outcomes = await read(cut(bytesOf(500_000), 65_536), 0, 400_000);
    expect(outcomes).toEqual([{ body: 'too-large', release: undefined }]);
  });

  it('hands on no bytes where a parser has read the body of none', async () => {
    const stream = new PassThrough().end();
    stream.resume();
    await new Promise((resolve) => stream.once('end', resolve));
    const outcomes: unknown[] = [];
    readNodeBody(stream, 0, 10, buffers, places, (body) => outcomes.push(body));
    expect(outcomes).toEqual([new Uint8Array(0)]);
  });
});
