/** Sessions of real clients, recorded: cut anywhere they bring the same calls, and changed anywhere they end in order. */
import type { handleUnaryCall, UntypedServiceImplementation } from '@grpc/grpc-js';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { frame, framesOf, preface, recordClient } from '../server/http2-frames.test-support.js';
import {
  bytesMethod,
  framedMessage,
  listenWith,
  rawCall,
  rawSession,
  type TransportWorld,
} from '../transport/raw-call.test-support.js';
import { GOAWAY, PING, RST_STREAM, SETTINGS } from './frame-types.js';
import { FramesClient, type ReceivedFrame } from './frames-client.test-support.js';

const cases = Number(process.env.FUZZ_CASES ?? 100);
const path = '/test.Echo/Echo';

let world: TransportWorld;
let requests: string[] = [];

beforeAll(async () => {
  const echo: handleUnaryCall<Buffer, Buffer> = (call, respond) => {
    requests.push(`${call.request.toString('latin1')} ${JSON.stringify(call.metadata.getMap())}`);
    respond(null, call.request);
  };
  world = await listenWith({ Echo: bytesMethod(path) }, { Echo: echo } as UntypedServiceImplementation);
});

afterAll(() => world[Symbol.asyncDispose]());

/** What a client of `node:http2` sends for calls of these sizes. */
async function recordCalls(sizes: readonly number[]): Promise<Buffer> {
  return await recordClient(world.port, async (port) => {
    using session = rawSession(port);
    for (const [i, size] of sizes.entries()) {
      const headers = { ':path': path, 'x-number': String(i % 3), ...(i % 2 > 0 && { 'x-odd-bin': 'AAEC' }) };
      await rawCall(session, headers, framedMessage(Buffer.alloc(size, i)));
    }
  });
}

const isPong = ({ type, flags }: ReceivedFrame): boolean => type === PING && (flags & 1) === 1;

/** Sends these bytes in pieces; returns what was called, and what the server sent. */
async function replay(bytes: Buffer, cuts: readonly number[]): Promise<{ called: string[]; sent: string[] }> {
  requests = [];
  const client = await FramesClient.connect(world.port);
  client.socket.setNoDelay(true);
  const places = [...cuts.map((cut) => cut % bytes.length).sort((a, b) => a - b), bytes.length];
  let at = 0;
  for (const place of places) {
    client.send(bytes.subarray(at, place));
    at = place;
    await new Promise((resolve) => setImmediate(resolve));
  }
  const mark = frame(PING, 0, 0, Buffer.from('the end.'));
  client.send(mark);
  await client.until((found) => found.type === GOAWAY || (isPong(found) && found.payload.equals(mark.subarray(9))));
  client.socket.destroy();
  const sent = client.frames.filter(({ type }) => type !== SETTINGS && type !== PING);
  return {
    called: requests,
    sent: sent.map(({ type, flags, stream, payload }) => `${type} ${flags} ${stream} ${payload.toString('hex')}`),
  };
}

/** Without the GOAWAY that a client of Node ends with. */
const withoutEnd = (recorded: Buffer): Buffer =>
  Buffer.concat([preface, ...framesOf(recorded).filter((one) => one[3] !== GOAWAY)]);

describe('a recorded session', () => {
  it('brings the same calls and is sent the same bytes, however it is cut', async () => {
    const recorded = withoutEnd(await recordCalls([0, 1, 100, 3, 20_000, 7, 100]));
    const whole = await replay(recorded, []);
    expect(whole.called).toHaveLength(7);
    await fc.assert(
      fc.asyncProperty(fc.array(fc.nat(), { minLength: 1, maxLength: 30 }), async (cuts) => {
        expect(await replay(recorded, cuts)).toEqual(whole);
      }),
      { numRuns: Math.min(cases, 100) },
    );
  });

  const change = fc.record({
    kind: fc.constantFrom('byte', 'type', 'flags', 'stream', 'length', 'repeat', 'remove', 'cut'),
    frame: fc.nat(1000),
    at: fc.nat(1000),
    value: fc.oneof(fc.nat(20), fc.nat(2 ** 24 - 1)),
  });
  type Change = typeof change extends fc.Arbitrary<infer T> ? T : never;

  function changed(frames: readonly Buffer[], changes: readonly Change[]): Buffer {
    const list = frames.map((one) => Buffer.from(one));
    for (const { kind, frame: which, at, value } of changes) {
      const index = which % list.length;
      const target = list[index]!;
      if (kind === 'byte') target[at % target.length] = value & 255;
      else if (kind === 'type') target[3] = value & 15;
      else if (kind === 'flags') target[4] = value & 255;
      else if (kind === 'stream') target.writeUInt32BE(value, 5);
      else if (kind === 'length') target.writeUIntBE(value, 0, 3);
      else if (kind === 'repeat') list.splice(index, 0, Buffer.from(target));
      else if (kind === 'cut' && target.length > 9) list[index] = target.subarray(0, 9 + (at % (target.length - 9)));
      else if (kind === 'remove' && list.length > 1) list.splice(index, 1);
    }
    return Buffer.concat([preface, ...list]);
  }

  it('ends in answers, RST_STREAM or GOAWAY, whatever is changed in it, and leaves other connections alone', async () => {
    const frames = framesOf(withoutEnd(await recordCalls([1, 100, 3, 50])));
    using other = rawSession(world.port);
    await fc.assert(
      fc.asyncProperty(fc.array(change, { minLength: 1, maxLength: 4 }), async (changes) => {
        const client = await FramesClient.connect(world.port);
        client.send(changed(frames, changes));
        // A frame that has become longer swallows these, until it is too long.
        client.send(Buffer.alloc(17_000), frame(PING, 0, 0, Buffer.alloc(8)));
        await client.until(({ type }) => type === GOAWAY);
        const [last] = client.frames.slice(-1);
        expect(last?.type).toBe(GOAWAY);
        expect(client.frames.every(({ type }) => [0, 1, RST_STREAM, SETTINGS, PING, GOAWAY, 8].includes(type))).toBe(
          true,
        );
        client.socket.destroy();
        expect((await rawCall(other, { ':path': path }, framedMessage(Buffer.of(1)))).trailers).toMatchObject({
          'grpc-status': '0',
        });
      }),
      { numRuns: 3 * cases },
    );
  });
});

describe('random headers', () => {
  const name = fc
    .string({ unit: fc.constantFrom(...'abcdefghijklmnopqrstuvwxyz0123456789-_.'), minLength: 1, maxLength: 30 })
    .map((text) => `x${text}`);
  const value = fc.string({
    unit: fc.integer({ min: 0x21, max: 0x7e }).map((code) => String.fromCharCode(code)),
    maxLength: 300,
  });
  const list = fc.dictionary(name, value, { maxKeys: 12, noNullPrototype: true });

  it("come from node:http2's client and go back to it as they are", async () => {
    const headersService = { Headers: bytesMethod('/test.Headers/Headers') };
    const mirror: handleUnaryCall<Buffer, Buffer> = (call, respond) => {
      const { metadata } = call;
      call.sendMetadata(metadata);
      respond(null, call.request, metadata);
    };
    const mirrored = await listenWith(headersService, { Headers: mirror } as UntypedServiceImplementation);
    onTestFinished(() => mirrored[Symbol.asyncDispose]());
    using session = rawSession(mirrored.port);
    await fc.assert(
      fc.asyncProperty(list, async (own) => {
        const plain = Object.fromEntries(Object.entries(own).filter(([key]) => !key.endsWith('-bin')));
        const { headers, trailers } = await rawCall(
          session,
          { ':path': '/test.Headers/Headers', ...plain },
          framedMessage(Buffer.of(1)),
        );
        expect(headers).toMatchObject(plain);
        expect(trailers).toMatchObject({ ...plain, 'grpc-status': '0' });
      }),
      { numRuns: cases },
    );
  });

  it('of all bytes that HTTP/2 allows are the same when they are Huffman-coded', async () => {
    const seen: string[] = [];
    const keep: handleUnaryCall<Buffer, Buffer> = (call, respond) => {
      seen.push(String(call.metadata.get('x-all')[0]));
      respond(null, call.request);
    };
    const kept = await listenWith({ Keep: bytesMethod('/test.Keep/Keep') }, {
      Keep: keep,
    } as UntypedServiceImplementation);
    onTestFinished(() => kept[Symbol.asyncDispose]());
    using session = rawSession(kept.port);
    // grpc-js takes ASCII only as metadata.
    for (let from = 0x21; from < 0x7f; from += 10) {
      const text = String.fromCharCode(...Array.from({ length: 10 }, (_, i) => Math.min(from + i, 0x7e)));
      await rawCall(
        session,
        { ':path': '/test.Keep/Keep', 'x-all': `${text}eeeeeeeeeeeeeee` },
        framedMessage(Buffer.of(1)),
      );
      expect(seen.at(-1)).toBe(`${text}eeeeeeeeeeeeeee`);
    }
  });
});
