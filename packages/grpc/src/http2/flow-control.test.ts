import { randomBytes } from 'node:crypto';
import type { handleUnaryCall, sendUnaryData } from '@grpc/grpc-js';
import { describe, expect, it } from 'vitest';
import { frame } from '../server/http2-frames.test-support.js';
import type { TransportLimits } from '../transport/grpc-transport.js';
import { DATA, END_HEADERS, END_STREAM, GOAWAY, HEADERS, RST_STREAM, WINDOW_UPDATE } from './frame-types.js';
import { callHeaders, FramesClient, headers, message, ping, settingsOf, uint32 } from './frames-client.test-support.js';
import { echo, listen, streamWorld } from './frames-server.test-support.js';

const hello = [headers(1), message(1)];

describe('Http2Connection and flow control', () => {
  const large = randomBytes(100_000);
  const sendLarge: handleUnaryCall<Buffer, Buffer> = (_call, respond) => respond(null, large);
  const contentOf = (client: FramesClient, stream: number): number => client.content(stream).length;

  it("keeps to the connection's window, and shares it among calls", async () => {
    const client = await FramesClient.open(await listen(sendLarge), settingsOf(4, 2 ** 30));
    client.send(...hello, headers(3), message(3));
    await client.outcome();
    expect(contentOf(client, 1) + contentOf(client, 3)).toBe(65_535);
    client.send(frame(WINDOW_UPDATE, 0, 0, uint32(2 ** 20)));
    await client.until(({ type, stream, flags }) => type === HEADERS && stream === 3 && (flags & END_STREAM) !== 0);
    expect(client.content(1).subarray(5).equals(large)).toBe(true);
    expect(client.content(3).subarray(5).equals(large)).toBe(true);
  });

  it("keeps to a call's window, beside which others go on", async () => {
    const client = await FramesClient.open(await listen(sendLarge), settingsOf(4, 10));
    client.send(frame(WINDOW_UPDATE, 0, 0, uint32(2 ** 20)), ...hello, headers(3), message(3));
    await client.outcome();
    expect([contentOf(client, 1), contentOf(client, 3)]).toEqual([10, 10]);
    client.send(frame(WINDOW_UPDATE, 0, 3, uint32(100)), ping);
    client.send(frame(WINDOW_UPDATE, 0, 3, uint32(2 ** 20)));
    await client.until(({ type, stream, flags }) => type === HEADERS && stream === 3 && (flags & END_STREAM) !== 0);
    expect(client.content(3).subarray(5).equals(large)).toBe(true);
    expect(contentOf(client, 1)).toBe(10);
  });

  it('sends nothing while SETTINGS make a window negative, and goes on behind it', async () => {
    const client = await FramesClient.open(await listen(sendLarge), settingsOf(4, 1000));
    client.send(frame(WINDOW_UPDATE, 0, 0, uint32(2 ** 20)), ...hello);
    await client.outcome();
    client.send(settingsOf(4, 0), frame(WINDOW_UPDATE, 0, 1, uint32(1000)), settingsOf(4, 5));
    await client.until(({ type }) => type === GOAWAY || contentOf(client, 1) >= 1005);
    expect(contentOf(client, 1)).toBe(1005);
    client.send(settingsOf(4, 200_000));
    await client.until(({ type, flags }) => type === HEADERS && (flags & END_STREAM) !== 0);
    expect(client.content(1).subarray(5).equals(large)).toBe(true);
  });

  it('sends frames as large as the client takes', async () => {
    const client = await FramesClient.open(await listen(sendLarge), settingsOf(4, 2 ** 20, 5, 50_000));
    client.send(frame(WINDOW_UPDATE, 0, 0, uint32(2 ** 20)), ...hello);
    await client.until(({ type, flags }) => type === HEADERS && (flags & END_STREAM) !== 0);
    const sizes = client.frames.filter(({ type }) => type === DATA).map(({ payload }) => payload.length);
    expect(Math.max(...sizes)).toBe(50_000);
  });

  it('answers the pings of a client that has a large answer to take, which comes in frames of at most 128 KiB', async () => {
    const huge = Buffer.alloc(24 * 2 ** 20, 7);
    const client = await FramesClient.open(
      await listen((_call, respond) => respond(null, huge)),
      settingsOf(4, 2 ** 30, 5, 2 ** 24 - 1),
    );
    client.send(frame(WINDOW_UPDATE, 0, 0, uint32(2 ** 30)), ...hello);
    await client.until(({ type }) => type === DATA);
    client.send(ping, settingsOf(4, 2 ** 30), ping);
    await client.until(({ type, flags }) => type === GOAWAY || (type === HEADERS && (flags & END_STREAM) !== 0));
    expect(contentOf(client, 1)).toBe(huge.length + 5);
    const frames = client.frames.filter(({ type }) => type === DATA).map(({ payload }) => payload.length);
    expect(Math.max(...frames)).toBe(128 * 1024);
    expect(client.events().filter((event) => event === 'pong')).toHaveLength(2);
  });

  it('answers within a table of headers that the client limits', async () => {
    const client = await FramesClient.open(await listen(), settingsOf(1, 0));
    client.send(...hello, headers(3), message(3));
    await client.outcome();
    const blocks = client.frames.filter(({ type }) => type === HEADERS).map(({ payload }) => payload);
    const lists = blocks.map((payload) => client.decoder.decode(payload, 0, payload.length));
    expect(lists.slice(2)).toEqual(lists.slice(0, 2));
    expect(blocks[0]![0]).toBe(0x20);
    expect(blocks.slice(1).every((payload) => payload.every((byte, i) => i > 0 || byte < 0x80 || byte === 0x88))).toBe(
      true,
    );
  });

  it('lets a client send more once it has read, in few frames', async () => {
    const limits = { streamWindow: 200_000, connectionWindow: 400_000 };
    const client = await FramesClient.open(await listen(echo, limits));
    const frames = Math.ceil(250_000 / 16_000);
    const content = randomBytes(frames * 16_000);
    client.send(headers(1), frame(DATA, 0, 1, Buffer.of(0, ...uint32(content.length))));
    for (let i = 0; i < 12; i++) client.send(frame(DATA, 0, 1, content.subarray(i * 16_000, (i + 1) * 16_000)));
    expect((await client.outcome()).filter((event) => event.startsWith('window'))).toHaveLength(1);
    for (let i = 12; i < frames; i++) client.send(frame(DATA, 0, 1, content.subarray(i * 16_000, (i + 1) * 16_000)));
    client.send(
      frame(DATA, END_STREAM, 1),
      frame(WINDOW_UPDATE, 0, 0, uint32(2 ** 20)),
      frame(WINDOW_UPDATE, 0, 1, uint32(2 ** 20)),
    );
    await client.until(({ type, flags }) => type === HEADERS && (flags & END_STREAM) !== 0);
    expect(client.content(1).subarray(5).equals(content)).toBe(true);
    expect(client.events().filter((event) => event.startsWith('window'))).toHaveLength(3);
  });

  it.each<[string, Partial<TransportLimits>, string]>([
    ['a call', { streamWindow: 30_000 }, 'reset 1 3'],
    ['the connection', { streamWindow: 2 ** 20, connectionWindow: 70_000 }, 'goaway 3'],
  ])('ends %s on which more comes than its window, while a handler does not read', async (_, limits, expected) => {
    const { port } = await streamWorld(limits);
    const client = await FramesClient.open(port);
    // Half of the first window is read before the handler's own buffer is full.
    const frames = Array.from({ length: 100 }, () => message(1, Buffer.alloc(1000), 0));
    client.send(headers(1), ...frames, ...frames);
    expect(await client.outcome()).toContain(expected);
  });

  it('keeps no more of an answer than it has while a client does not read, and tells its handler when that resets', async () => {
    const answerLarge = Buffer.alloc(30_000_000);
    let cancelled: (() => void) | undefined;
    const isCancelled = new Promise<void>((resolve) => {
      cancelled = resolve;
    });
    const held: sendUnaryData<Buffer>[] = [];
    const port = await listen((call, respond) => {
      call.on('cancelled', () => cancelled!());
      if (call.metadata.get('hold').length > 0) held.push(respond);
      else respond(null, answerLarge);
    });
    const client = await FramesClient.open(port, settingsOf(4, 2 ** 30));
    client.send(frame(WINDOW_UPDATE, 0, 0, uint32(2 ** 30)));
    client.socket.pause();
    client.send(...hello, headers(3, END_HEADERS, [...callHeaders, ['hold', '1']]), message(3));
    while (held.length === 0) await new Promise((resolve) => setImmediate(resolve));
    const before = process.memoryUsage().arrayBuffers;
    client.send(frame(RST_STREAM, 0, 3, uint32(8)));
    await isCancelled;
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(8_000_000);
    client.socket.resume();
    await client.until(({ type, flags }) => type === HEADERS && (flags & END_STREAM) !== 0);
    expect(contentOf(client, 1)).toBe(30_000_005);
  });
});
