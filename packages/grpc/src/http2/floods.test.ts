import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { frame, settings } from '../server/http2-frames.test-support.js';
import { DATA, END_HEADERS, GOAWAY, HEADERS, PADDED, PRIORITY, RST_STREAM, WINDOW_UPDATE } from './frame-types.js';
import { FramesClient, headers, message, ping, uint32 } from './frames-client.test-support.js';
import { answer, listen, streamWorld } from './frames-server.test-support.js';

const hello = [headers(1), message(1)];

describe('Http2Connection and floods', () => {
  const many = (count: number, ...frames: readonly Buffer[]): Buffer =>
    Buffer.concat(Array.from({ length: count }, () => Buffer.concat(frames)));
  const openAndReset = (count: number): Buffer =>
    Buffer.concat(
      Array.from({ length: count }, (_, i) =>
        Buffer.concat([headers(2 * i + 1), frame(RST_STREAM, 0, 2 * i + 1, uint32(8))]),
      ),
    );

  it.each<[string, Buffer]>([
    ['calls that are cancelled', openAndReset(1600)],
    ['PING', many(20_000, ping)],
    ['SETTINGS', many(20_000, settings)],
    ['PRIORITY', many(20_000, frame(PRIORITY, 0, 1, Buffer.alloc(5)))],
    ['unknown frames', many(20_000, frame(99, 0, 0))],
    ['empty DATA', Buffer.concat([headers(1), many(20_000, frame(DATA, 0, 1))])],
    ['DATA of padding', Buffer.concat([headers(1), many(20_000, frame(DATA, PADDED, 1, Buffer.of(1, 0)))])],
    ['WINDOW_UPDATE of 1', many(20_000, frame(WINDOW_UPDATE, 0, 0, uint32(1)))],
    [
      'malformed calls',
      Buffer.concat(Array.from({ length: 20_000 }, (_, i) => frame(HEADERS, END_HEADERS, 2 * i + 1, Buffer.of(0x82)))),
    ],
    ['RST_STREAM of closed calls', Buffer.concat([...hello, many(20_000, frame(RST_STREAM, 0, 1, uint32(8)))])],
  ])('ends a connection with a flood of %s, and no other', async (_, bytes) => {
    const port = await listen();
    const other = await FramesClient.open(port);
    const client = await FramesClient.open(port);
    client.send(bytes);
    await client.until(({ type }) => type === GOAWAY);
    expect(client.events().at(-1)).toBe('goaway 11');
    other.send(...hello);
    expect(await other.outcome()).toEqual(['ack', ...answer(1), 'pong']);
  });

  it('serves a client that cancels some of many calls', async () => {
    const client = await FramesClient.open(await listen());
    let stream = -1;
    for (let round = 0; round < 50; round++) {
      for (let i = 0; i < 95; i++) {
        stream += 2;
        client.send(headers(stream), i < 50 ? message(stream) : frame(RST_STREAM, 0, stream, uint32(8)));
      }
    }
    const events = await client.outcome();
    expect(events.at(-1)).toBe('pong');
    expect(events.filter((event) => event.startsWith('end'))).toHaveLength(2500);
  });

  it('ends a connection whose client asks for answers and does not read them', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'http2-'));
    const { transport } = await streamWorld();
    // The system keeps less of it than of TCP.
    const path = join(folder, 'unread.sock');
    const server = createServer((socket) => transport.serve(socket)).listen(path);
    onTestFinished(async () => {
      server.close();
      await rm(folder, { recursive: true });
    });
    await once(server, 'listening');
    const client = await FramesClient.open(path);
    client.socket.pause();
    // Each message pays for its ping.
    client.send(headers(1), many(100_000, message(1, Buffer.of(1), 0), ping));
    await once(client.socket, 'drain');
    client.socket.resume();
    await client.until(({ type }) => type === GOAWAY);
    expect(client.events().at(-1)).toBe('goaway 11');
    expect(client.frames.at(-1)!.payload.subarray(8).toString()).toBe('The client does not read what it is sent');
  });
});
