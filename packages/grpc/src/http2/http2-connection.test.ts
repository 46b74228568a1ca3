/** The rules of RFC 9113 frame by frame, against a server that answers each message with itself. */
import { randomBytes } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { frame, preface, settings } from '../server/http2-frames.test-support.js';
import {
  CONTINUATION,
  DATA,
  END_HEADERS,
  END_STREAM,
  GOAWAY,
  HAS_PRIORITY,
  HEADERS,
  PADDED,
  PING,
  PRIORITY,
  RST_STREAM,
  SETTINGS,
  WINDOW_UPDATE,
} from './frame-types.js';
import { callHeaders, FramesClient, headers, message, ping, settingsOf, uint32 } from './frames-client.test-support.js';
import { answer, echo, listen } from './frames-server.test-support.js';
import { encodeLiterals, type HeaderFields } from './hpack/hpack-encoder.js';

const block = encodeLiterals(callHeaders);
const fields = (...more: HeaderFields): Buffer => headers(1, END_HEADERS, [...callHeaders, ...more]);
const without = (name: string): Buffer =>
  headers(
    1,
    END_HEADERS,
    callHeaders.filter(([found]) => found !== name),
  );
const instead = (name: string, value: string): HeaderFields =>
  callHeaders.map((field) => (field[0] === name ? [name, value] : field));
const hello = [headers(1), message(1)];

/** What a client sends behind its SETTINGS, and all that the server makes of it. */
const rules: readonly [string, readonly Buffer[], readonly string[]][] = [
  ['a call', hello, [...answer(1), 'pong']],
  ['calls on several streams', [headers(1), headers(5), message(5), message(1)], [...answer(5), ...answer(1), 'pong']],
  [
    'a call with padding',
    [
      frame(HEADERS, END_HEADERS | PADDED, 1, Buffer.concat([Buffer.of(3), block, Buffer.alloc(3)])),
      frame(DATA, END_STREAM | PADDED, 1, Buffer.concat([Buffer.of(2, 0, 0, 0, 0, 1, 7), Buffer.alloc(2)])),
    ],
    [...answer(1), 'pong'],
  ],
  [
    'a call with a priority',
    [frame(HEADERS, END_HEADERS | HAS_PRIORITY, 1, Buffer.concat([Buffer.alloc(5), block])), message(1)],
    [...answer(1), 'pong'],
  ],
  [
    'headers that go on in CONTINUATION',
    [
      frame(HEADERS, 0, 1, block.subarray(0, 10)),
      frame(CONTINUATION, 0, 1, block.subarray(10, 20)),
      frame(CONTINUATION, END_HEADERS, 1, block.subarray(20)),
      message(1),
    ],
    [...answer(1), 'pong'],
  ],
  [
    'a message in several frames',
    [
      headers(1),
      frame(DATA, 0, 1, Buffer.of(0, 0, 0)),
      frame(DATA, 0, 1, Buffer.of(0, 1)),
      frame(DATA, END_STREAM, 1, Buffer.of(7)),
    ],
    [...answer(1), 'pong'],
  ],
  [
    'an end by empty DATA',
    [headers(1), message(1, Buffer.of(1), 0), frame(DATA, END_STREAM, 1)],
    [...answer(1), 'pong'],
  ],
  [
    'an end by trailers',
    [headers(1), message(1, Buffer.of(1), 0), headers(1, END_HEADERS | END_STREAM, [['a', 'b']])],
    [...answer(1), 'pong'],
  ],
  ['trailers that do not end the stream', [headers(1), headers(1, END_HEADERS, [['a', 'b']])], ['reset 1 1', 'pong']],
  [
    'trailers with a pseudo-header',
    [headers(1), headers(1, END_HEADERS | END_STREAM, [[':path', '/']])],
    ['reset 1 1', 'pong'],
  ],
  [
    'an answer before the end of the request',
    [headers(1, END_HEADERS, instead(':path', '/a/b'))],
    ['end 1', 'reset 1 0', 'pong'],
  ],
  [
    'what still comes after it',
    [headers(1, END_HEADERS, instead(':path', '/a/b')), message(1)],
    ['end 1', 'reset 1 0', 'pong'],
  ],
  [
    'a frame of an unknown type',
    [frame(0xfa, 0xff, 1, randomBytes(10)), frame(0xfb, 0, 0), ...hello],
    [...answer(1), 'pong'],
  ],
  ['reserved bits of a stream', [frame(PING, 0, 2 ** 31, Buffer.alloc(8))], ['pong', 'pong']],
  ['GOAWAY of the client', [frame(GOAWAY, 0, 0, uint32(0, 0)), ...hello], [...answer(1), 'pong']],
  ['PRIORITY on an idle stream', [frame(PRIORITY, 0, 9, Buffer.alloc(5)), ...hello], [...answer(1), 'pong']],
  ['PRIORITY of a wrong size', [headers(1), frame(PRIORITY, 0, 1, Buffer.alloc(4))], ['reset 1 6', 'pong']],
  ['RST_STREAM', [headers(1), frame(RST_STREAM, 0, 1, uint32(8)), headers(3), message(3)], [...answer(3), 'pong']],
  ['RST_STREAM of a stream that is closed', [...hello, frame(RST_STREAM, 0, 1, uint32(8))], [...answer(1), 'pong']],
  ['SETTINGS', [settingsOf(1, 0, 2, 0, 3, 7, 4, 100, 5, 20_000, 6, 1, 99, 1)], ['ack', 'pong']],
  ['an acknowledgement of SETTINGS', [frame(SETTINGS, 1, 0)], ['pong']],
  ['an answer to no ping', [frame(PING, 1, 0, Buffer.alloc(8))], ['pong']],
  [
    'WINDOW_UPDATE on a stream that is closed',
    [...hello, frame(WINDOW_UPDATE, 0, 1, uint32(1))],
    [...answer(1), 'pong'],
  ],
  ['WINDOW_UPDATE of 0 on a stream', [headers(1), frame(WINDOW_UPDATE, 0, 1, uint32(0))], ['reset 1 1', 'pong']],
  [
    'a stream with a window beyond 2³¹−1',
    [headers(1), frame(WINDOW_UPDATE, 0, 1, uint32(2 ** 31 - 1))],
    ['reset 1 3', 'pong'],
  ],
  [
    'DATA on a stream that has ended',
    [headers(1, END_HEADERS | END_STREAM), message(1)],
    ['end 1', 'reset 1 5', 'pong'],
  ],
  ['DATA on a stream that was answered', [...hello, message(1)], [...answer(1), 'reset 1 5', 'pong']],
  ['HEADERS on a stream that was answered', [...hello, headers(1)], [...answer(1), 'goaway 5']],
  ['HEADERS on a stream that was passed over', [headers(3), headers(1)], ['goaway 5']],
  ['HEADERS on stream 0', [headers(0)], ['goaway 1']],
  ['HEADERS on an even stream', [headers(2)], ['goaway 1']],
  ['HEADERS with more padding than bytes', [frame(HEADERS, END_HEADERS | PADDED, 1, Buffer.of(9, 0x82))], ['goaway 1']],
  ['HEADERS without the length of their padding', [frame(HEADERS, END_HEADERS | PADDED, 1)], ['goaway 6']],
  ['HEADERS without their priority', [frame(HEADERS, END_HEADERS | HAS_PRIORITY, 1, Buffer.alloc(4))], ['goaway 6']],
  ['headers that cannot be decoded', [frame(HEADERS, END_HEADERS, 1, Buffer.of(0x80))], ['goaway 9']],
  [
    'trailers that cannot be decoded',
    [headers(1), frame(HEADERS, END_HEADERS | END_STREAM, 1, Buffer.of(0x80))],
    ['goaway 9'],
  ],
  ['a frame within a block of headers', [frame(HEADERS, 0, 1, block), ping], ['goaway 1']],
  ['DATA within a block of headers', [frame(HEADERS, 0, 1, block), message(1)], ['goaway 1']],
  ['HEADERS within a block of headers', [frame(HEADERS, 0, 1, block), headers(3)], ['goaway 1']],
  ['CONTINUATION of another stream', [frame(HEADERS, 0, 1, block), frame(CONTINUATION, END_HEADERS, 3)], ['goaway 1']],
  ['CONTINUATION of nothing', [frame(CONTINUATION, END_HEADERS, 1, block)], ['goaway 1']],
  [
    'CONTINUATION without an end',
    [frame(HEADERS, 0, 1, block), ...Array.from({ length: 17 }, () => frame(CONTINUATION, 0, 1))],
    ['goaway 11'],
  ],
  ['DATA on stream 0', [frame(DATA, 0, 0, Buffer.of(1))], ['goaway 1']],
  ['DATA on an idle stream', [frame(DATA, 0, 1, Buffer.of(1))], ['goaway 1']],
  ['DATA on an even stream', [headers(3), frame(DATA, 0, 2, Buffer.of(1))], ['goaway 1']],
  ['DATA with more padding than bytes', [headers(1), frame(DATA, PADDED, 1, Buffer.of(2, 0))], ['goaway 1']],
  ['DATA without the length of its padding', [headers(1), frame(DATA, PADDED, 1)], ['goaway 6']],
  ['RST_STREAM on stream 0', [frame(RST_STREAM, 0, 0, uint32(8))], ['goaway 1']],
  ['RST_STREAM on an idle stream', [frame(RST_STREAM, 0, 1, uint32(8))], ['goaway 1']],
  ['RST_STREAM of a wrong size', [headers(1), frame(RST_STREAM, 0, 1, Buffer.alloc(3))], ['goaway 6']],
  ['SETTINGS on a stream', [frame(SETTINGS, 0, 1)], ['goaway 1']],
  ['SETTINGS of a wrong size', [frame(SETTINGS, 0, 0, Buffer.alloc(7))], ['goaway 6']],
  ['an acknowledgement with SETTINGS', [frame(SETTINGS, 1, 0, Buffer.alloc(6))], ['goaway 6']],
  ['SETTINGS_ENABLE_PUSH of 2', [settingsOf(2, 2)], ['goaway 1']],
  ['SETTINGS_INITIAL_WINDOW_SIZE of 2³¹', [settingsOf(4, 2 ** 31)], ['goaway 3']],
  [
    'SETTINGS that open a window beyond 2³¹−1',
    [headers(1), frame(WINDOW_UPDATE, 0, 1, uint32(1)), settingsOf(4, 2 ** 31 - 1)],
    ['ack', 'goaway 3'],
  ],
  ['SETTINGS_MAX_FRAME_SIZE of 16383', [settingsOf(5, 16_383)], ['goaway 1']],
  ['SETTINGS_MAX_FRAME_SIZE of 2²⁴', [settingsOf(5, 2 ** 24)], ['goaway 1']],
  ['PUSH_PROMISE', [frame(5, 4, 1, Buffer.of(0, 0, 0, 2, 0x82))], ['goaway 1']],
  ['PING on a stream', [frame(PING, 0, 1, Buffer.alloc(8))], ['goaway 1']],
  ['PING of a wrong size', [frame(PING, 0, 0, Buffer.alloc(7))], ['goaway 6']],
  ['GOAWAY on a stream', [frame(GOAWAY, 0, 1, Buffer.alloc(8))], ['goaway 1']],
  ['GOAWAY of a wrong size', [frame(GOAWAY, 0, 0, Buffer.alloc(7))], ['goaway 6']],
  ['PRIORITY on stream 0', [frame(PRIORITY, 0, 0, Buffer.alloc(5))], ['goaway 1']],
  ['WINDOW_UPDATE of a wrong size', [frame(WINDOW_UPDATE, 0, 0, Buffer.alloc(5))], ['goaway 6']],
  ['WINDOW_UPDATE of 0 on the connection', [frame(WINDOW_UPDATE, 0, 0, uint32(0))], ['goaway 1']],
  ['WINDOW_UPDATE on an idle stream', [frame(WINDOW_UPDATE, 0, 1, uint32(1))], ['goaway 1']],
  ['a window of the connection beyond 2³¹−1', [frame(WINDOW_UPDATE, 0, 0, uint32(2 ** 31 - 1))], ['goaway 3']],
  ['a frame beyond 16 KiB', [frame(DATA, 0, 1, Buffer.alloc(16_385))], ['goaway 6']],
  ['a name in upper case', [fields(['A', '1'])], ['reset 1 1', 'pong']],
  ['a name without a byte', [fields(['', '1'])], ['reset 1 1', 'pong']],
  ['a name with a blank', [fields(['a b', '1'])], ['reset 1 1', 'pong']],
  ['a name with a byte beyond ASCII', [fields(['\xe4', '1'])], ['reset 1 1', 'pong']],
  ['a value with a line feed', [fields(['a', 'b\nc'])], ['reset 1 1', 'pong']],
  ['a value with a zero', [fields(['a', 'b\0'])], ['reset 1 1', 'pong']],
  ['a value with a blank at its end', [fields(['a', 'b '])], ['reset 1 1', 'pong']],
  ['a value with a tab at its start', [fields(['a', '\tb'])], ['reset 1 1', 'pong']],
  [
    'a value with blanks and bytes beyond ASCII inside',
    [fields(['a', 'b \t\xff c']), message(1)],
    [...answer(1), 'pong'],
  ],
  ['a header of the connection', [fields(['connection', 'close'])], ['reset 1 1', 'pong']],
  ['Transfer-Encoding', [fields(['transfer-encoding', 'chunked'])], ['reset 1 1', 'pong']],
  ['"te" of something else than trailers', [headers(1, END_HEADERS, instead('te', 'gzip'))], ['reset 1 1', 'pong']],
  ['an unknown pseudo-header', [headers(1, END_HEADERS, [[':a', 'b'], ...callHeaders])], ['reset 1 1', 'pong']],
  [
    'a pseudo-header of answers',
    [headers(1, END_HEADERS, [[':status', '200'], ...callHeaders])],
    ['reset 1 1', 'pong'],
  ],
  ['a pseudo-header twice', [headers(1, END_HEADERS, [[':path', '/a'], ...callHeaders])], ['reset 1 1', 'pong']],
  ['a pseudo-header behind others', [fields([':authority', 'a'])], ['reset 1 1', 'pong']],
  ['no method', [without(':method')], ['reset 1 1', 'pong']],
  ['no scheme', [without(':scheme')], ['reset 1 1', 'pong']],
  ['no path', [without(':path')], ['reset 1 1', 'pong']],
  ['an empty path', [headers(1, END_HEADERS, instead(':path', ''))], ['reset 1 1', 'pong']],
  [
    'another content type',
    [headers(1, END_HEADERS, instead('content-type', 'text/plain')), message(1)],
    ['end 1', 'reset 1 0', 'pong'],
  ],
  ['the length of its content', [fields(['content-length', '10']), message(1)], [...answer(1), 'pong']],
  ['a length beyond its content', [fields(['content-length', '11']), message(1)], ['reset 1 1', 'pong']],
  ['a length below its content', [fields(['content-length', '9']), message(1)], ['reset 1 1', 'pong']],
  [
    'a length without content',
    [headers(1, END_HEADERS | END_STREAM, [...callHeaders, ['content-length', '1']])],
    ['reset 1 1', 'pong'],
  ],
  ['two lengths', [fields(['content-length', '10'], ['content-length', '11'])], ['reset 1 1', 'pong']],
  ['a length that is not a number', [fields(['content-length', '-1'])], ['reset 1 1', 'pong']],
  [
    'headers beyond 64 KiB',
    [
      frame(HEADERS, 0, 1, block),
      ...Array.from({ length: 5 }, (_, i) =>
        frame(CONTINUATION, i === 4 ? END_HEADERS : 0, 1, encodeLiterals([['a', 'x'.repeat(16_000)]])),
      ),
      ...[headers(3), message(3)],
    ],
    ['reset 1 11', ...answer(3), 'pong'],
  ],
  [
    'a block of headers beyond 128 KiB',
    [frame(HEADERS, 0, 1, block), ...Array.from({ length: 9 }, () => frame(CONTINUATION, 0, 1, Buffer.alloc(16_384)))],
    ['goaway 11'],
  ],
];

describe('Http2Connection', () => {
  it.each(rules)('knows %s', async (_, frames, expected) => {
    const client = await FramesClient.open(await listen());
    client.send(...frames);
    expect(await client.outcome()).toEqual(['ack', ...expected]);
  });

  it.each<[string, Buffer]>([
    ['another protocol', Buffer.from('SSH-2.0-client\r\n')],
    ['another preface', Buffer.concat([preface.subarray(0, 20), Buffer.from('XX\r\n')])],
    ['no SETTINGS', Buffer.concat([preface, ping])],
    ['HEADERS before SETTINGS', Buffer.concat([preface, headers(1)])],
    ['DATA before SETTINGS', Buffer.concat([preface, message(1)])],
  ])('ends a connection that begins with %s', async (_, bytes) => {
    const client = await FramesClient.connect(await listen());
    client.send(bytes);
    await client.until(({ type }) => type === GOAWAY);
    expect(client.events()).toEqual(['goaway 1']);
  });

  it('names the rule that was broken, and the last call that it has seen', async () => {
    const client = await FramesClient.open(await listen());
    client.send(...hello, frame(DATA, 0, 0, Buffer.of(1)));
    await client.until(({ type }) => type === GOAWAY);
    const { payload } = client.frames.at(-1)!;
    expect(payload.readUInt32BE(0)).toBe(1);
    expect(payload.subarray(8).toString()).toBe('DATA on stream 0');
  });

  it('takes the same frames however they are cut', async () => {
    const port = await listen();
    const frames = Buffer.concat([preface, settings, headers(1), message(1, randomBytes(50), END_STREAM), ping]);
    for (let cut = 1; cut < frames.length; cut += 7) {
      const client = await FramesClient.connect(port);
      client.socket.setNoDelay(true);
      client.send(frames.subarray(0, cut));
      await new Promise((resolve) => setImmediate(resolve));
      client.send(frames.subarray(cut));
      await client.until(({ type, flags }) => type === GOAWAY || (type === PING && flags === 1));
      expect(client.events()).toEqual(['ack', ...answer(1), 'pong']);
      expect(client.content(1)).toEqual(frames.subarray(frames.length - 17 - 55, frames.length - 17));
    }
  });

  it('refuses calls beyond the limit, and takes further ones when one has ended', async () => {
    const client = await FramesClient.open(await listen(echo, { maxConcurrentStreams: 2 }));
    client.send(headers(1), headers(3), headers(5), message(3), headers(7), message(7));
    expect(await client.outcome()).toEqual(['ack', 'reset 5 7', ...answer(3), ...answer(7), 'pong']);
  });
});
