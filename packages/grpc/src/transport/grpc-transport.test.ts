import { once } from 'node:events';
import {
  type handleUnaryCall,
  Metadata,
  type ServerUnaryCall,
  type sendUnaryData,
  type UntypedServiceImplementation,
} from '@grpc/grpc-js';
import { describe, expect, it } from 'vitest';
import type { TransportLimits } from './grpc-transport.js';
import {
  bytesMethod,
  framedMessage,
  listenWith,
  type RawAnswer,
  rawCall,
  rawSession,
  type TransportWorld,
} from './raw-call.test-support.js';

const path = '/test.Echo/Echo';
const hello = framedMessage(Buffer.from('hello'));
const echo: handleUnaryCall<Buffer, Buffer> = ({ request }, respond) => respond(null, request);

function listen(
  handler: handleUnaryCall<Buffer, Buffer> = echo,
  limits?: Partial<TransportLimits>,
): Promise<TransportWorld> {
  return listenWith({ Echo: bytesMethod(path) }, { Echo: handler } as UntypedServiceImplementation, limits);
}

/** What a call gets for these headers and bytes. */
async function answerTo(
  headers: Record<string, string>,
  bytes: Buffer | null = hello,
  handler = echo,
): Promise<RawAnswer> {
  await using world = await listen(handler);
  using session = rawSession(world.port);
  return await rawCall(session, { ':path': path, ...headers }, bytes);
}

describe('GrpcTransport and what clients send', () => {
  it('answers with headers, one message and trailers', async () => {
    const { headers, trailers, content } = await answerTo({});
    expect(headers).toMatchObject({
      ':status': 200,
      'content-type': 'application/grpc+proto',
      'grpc-encoding': 'identity',
      'grpc-accept-encoding': 'identity,gzip,deflate',
    });
    expect(content).toEqual(hello);
    expect(trailers).toMatchObject({ 'grpc-status': '0' });
  });

  it.each(['text/plain', 'application/json'])('answers the content type %s with 415', async (type) => {
    expect((await answerTo({ 'content-type': type })).headers).toMatchObject({ ':status': 415 });
  });

  it.each(['application/grpc', 'application/grpc+proto', 'application/grpc;charset=utf-8'])(
    'takes the content type %s',
    async (type) => {
      expect((await answerTo({ 'content-type': type })).trailers).toMatchObject({ 'grpc-status': '0' });
    },
  );

  it.each(['localhost', '%2Ftmp%2Fgrpc.sock', '[::1', 'h:99999'])('takes the authority "%s"', async (authority) => {
    expect((await answerTo({ ':authority': authority })).trailers).toMatchObject({ 'grpc-status': '0' });
  });

  it.each<[string, Record<string, string>, Buffer, number, string]>([
    ['an unknown method', { ':path': '/a.B/C' }, hello, 12, 'The server does not implement the method /a.B/C'],
    ['a timeout of no unit', { 'grpc-timeout': '12' }, hello, 13, 'Invalid grpc-timeout value "12"'],
    ['no message', {}, Buffer.alloc(0), 12, 'Received no request message for method /test.Echo/Echo, which takes one'],
    [
      'two messages',
      {},
      Buffer.concat([hello, hello]),
      12,
      'Received a second request message for method /test.Echo/Echo, which takes one',
    ],
    ['half a message', {}, hello.subarray(0, 7), 13, 'The request ends within a message'],
    ['half a header', {}, hello.subarray(0, 3), 13, 'The request ends within a message'],
    [
      'a message beyond the limit',
      {},
      Buffer.of(0, 1, 0, 0, 0),
      8,
      'Received message larger than max (16777216 vs 1048576)',
    ],
  ])('refuses %s before it calls the handler', async (_, headers, bytes, code, message) => {
    const { headers: ends } = await answerTo(headers, bytes, () => expect.unreachable());
    expect(ends).toMatchObject({ ':status': 200, 'grpc-status': String(code) });
    expect(decodeURIComponent(String(ends['grpc-message']))).toBe(message);
  });

  it('answers on a session whose other call sent headers beyond what HTTP/2 allows', async () => {
    await using world = await listen();
    using session = rawSession(world.port);
    await rawCall(session, { ':path': path, large: 'x'.repeat(100_000) }, hello).catch(() => undefined);
    using next = rawSession(world.port);
    expect((await rawCall(next, { ':path': path }, hello)).trailers).toMatchObject({ 'grpc-status': '0' });
  });

  it('answers a burst of 900 calls', async () => {
    await using world = await listen();
    using session = rawSession(world.port);
    const answers = await Promise.all(Array.from({ length: 900 }, () => rawCall(session, { ':path': path }, hello)));
    expect(answers.filter(({ trailers }) => trailers['grpc-status'] === '0')).toHaveLength(900);
  });

  it('ends a call whose rest does not come when its deadline passes', async () => {
    const { headers } = await answerTo({ 'grpc-timeout': '20m' }, null, () => expect.unreachable());
    expect(headers).toMatchObject({ 'grpc-status': '4', 'grpc-message': 'Deadline exceeded' });
  });
});

describe('GrpcTransport and handlers', () => {
  const metadataOf = (values: Record<string, string | Buffer>): Metadata => {
    const metadata = new Metadata();
    for (const [name, value] of Object.entries(values)) metadata.set(name, value);
    return metadata;
  };

  it('gives them what a call says of its client, without the headers of gRPC', async () => {
    let found: ServerUnaryCall<Buffer, Buffer> | undefined;
    const keep: handleUnaryCall<Buffer, Buffer> = (call, respond) => {
      found = call;
      echo(call, respond);
    };
    const before = Date.now();
    await answerTo({ 'grpc-timeout': '60000.9999m', 'x-a': '1', 'x-b-bin': 'AAEC', ':authority': 'h:1' }, hello, keep);
    expect(found!.metadata.getMap()).toMatchObject({ 'x-a': '1', 'x-b-bin': Buffer.of(0, 1, 2) });
    expect(Object.keys(found!.metadata.getMap())).not.toContain('grpc-timeout');
    expect(found!.getHost()).toBe('h:1');
    expect(found!.getPath()).toBe(path);
    expect(found!.getAuthContext()).toEqual({});
    expect(found!.getDeadline()).toBeGreaterThanOrEqual(before + 60_001);
    expect(() => found!.getMetricsRecorder()).toThrow(expect.objectContaining({ code: 'UNIMPLEMENTED' }));
  });

  it('sends their metadata before the message and behind it', async () => {
    const { headers, trailers } = await answerTo({}, hello, (call, respond) => {
      call.sendMetadata(metadataOf({ first: '1' }));
      respond(null, call.request, metadataOf({ last: '2', 'raw-bin': Buffer.of(1, 2) }));
    });
    expect(headers).toMatchObject({ first: '1', 'grpc-encoding': 'identity' });
    expect(trailers).toMatchObject({ 'grpc-status': '0', last: '2', 'raw-bin': 'AQI=' });
  });

  it.each<[string, object, Record<string, string>]>([
    ['a status', { code: 5, details: 'not here' }, { 'grpc-status': '5', 'grpc-message': 'not here' }],
    ['an error without a code', new Error('broken'), { 'grpc-status': '2', 'grpc-message': 'broken' }],
    ['an error of a system call', { code: 'ENOENT', message: 'm' }, { 'grpc-status': '2', 'grpc-message': 'm' }],
    ['a status with metadata', { code: 9, details: '', metadata: metadataOf({ why: 'so' }) }, { why: 'so' }],
  ])('ends a call with %s', async (_, error, expected) => {
    const { headers } = await answerTo({}, hello, (_call, respond) => respond(error as Error));
    expect(headers).toMatchObject(expected);
  });

  it('ends a call whose handler throws with UNKNOWN, and goes on', async () => {
    const { headers } = await answerTo({}, hello, () => {
      throw new Error('secret');
    });
    expect(headers).toMatchObject({ 'grpc-status': '2', 'grpc-message': 'Unknown error' });
  });

  it('sends one answer, whatever they call afterwards', async () => {
    const { content, trailers } = await answerTo({}, hello, (_call, respond) => {
      respond(null, Buffer.from('hello'));
      respond(null, Buffer.from('again'));
      respond({ code: 5, details: 'no' });
    });
    expect(content).toEqual(hello);
    expect(trailers).toMatchObject({ 'grpc-status': '0' });
  });

  it('refuses to send a message beyond the limit', async () => {
    await using world = await listen((_call, respond) => respond(null, Buffer.alloc(1001)), { maxResponseBytes: 1000 });
    using session = rawSession(world.port);
    expect((await rawCall(session, { ':path': path }, hello)).headers).toMatchObject({
      'grpc-status': '8',
      'grpc-message': 'Sent message larger than max (1001 vs. 1000)',
    });
  });

  it('sends texts of errors that clients of gRPC take', async () => {
    await using world = await listen((_call, respond) => respond({ code: 3, details: '€'.repeat(5000) }));
    const failed = await new Promise<{ code: number; details: string }>((resolve) => {
      const definition = bytesMethod(path);
      world.client.makeUnaryRequest(path, definition.requestSerialize, definition.responseDeserialize, hello, (error) =>
        resolve(error!),
      );
    });
    expect(failed.code).toBe(3);
    expect(failed.details).toMatch(/^€{700,}$/);
  });

  it('tells a handler that its client has cancelled, once, and takes no answer then', async () => {
    const events: unknown[] = [];
    let respondLater: sendUnaryData<Buffer> | undefined;
    let onCall: (() => void) | undefined;
    const called = new Promise<void>((resolve) => {
      onCall = resolve;
    });
    await using world = await listen((call, respond) => {
      call.on('cancelled', () => events.push(call.cancelled));
      respondLater = respond;
      onCall!();
    });
    using session = rawSession(world.port);
    const stream = session.request({ ':method': 'POST', ':path': path, 'content-type': 'application/grpc' });
    stream.on('error', () => undefined);
    stream.end(hello);
    await called;
    stream.close(8);
    while (events.length === 0) await new Promise((resolve) => setImmediate(resolve));
    respondLater!(null, Buffer.from('late'));
    expect(events).toEqual([true]);
    expect((await rawCall(session, { ':path': '/a.B/C' }, hello)).headers).toMatchObject({ 'grpc-status': '12' });
  });

  it('does not implement methods without a handler, and refuses a second service of the same path', async () => {
    await using world = await listenWith({ Echo: bytesMethod(path) }, {});
    using session = rawSession(world.port);
    expect((await rawCall(session, { ':path': path }, hello)).headers).toMatchObject({ 'grpc-status': '12' });
    expect(() => world.transport.addService({ Other: bytesMethod(path) }, {})).toThrow('already provided');
  });
});

describe('GrpcTransport and the end of sessions', () => {
  it.each<[string, (world: TransportWorld) => void]>([
    ['drains', ({ transport }) => transport.drain()],
    // The client has written its calls by then.
    ['closes', ({ transport }) => setImmediate(() => transport.close())],
  ])('answers the 50 calls that a client has sent before it reads that the server %s', async (_, end) => {
    const first: sendUnaryData<Buffer>[] = [];
    let onFirst: (() => void) | undefined;
    const arrived = new Promise<void>((resolve) => {
      onFirst = resolve;
    });
    await using world = await listen((call, respond) => {
      if (call.metadata.get('hold').length === 0) return respond(null, call.request);
      first.push(respond);
      onFirst!();
    });
    using session = rawSession(world.port);
    const closed = once(session, 'close');
    const held = rawCall(session, { ':path': path, hold: '1' }, hello);
    await arrived;
    end(world);
    const calls = Array.from({ length: 50 }, () => rawCall(session, { ':path': path }, hello));
    first[0]!(null, Buffer.from('hello'));
    const answers = await Promise.all([held, ...calls]);
    expect(answers.filter(({ trailers }) => trailers['grpc-status'] === '0')).toHaveLength(51);
    await closed;
  });

  it('ends a session after its last call once it is old', async () => {
    await using world = await listen(echo, { ageMs: 20 });
    using session = rawSession(world.port);
    const [[, , reason]] = await Promise.all([once(session, 'goaway'), once(session, 'close')]);
    expect(String(reason)).toBe('max_age');
  });

  it('closes a session whose client does not end its call in time once it is old', async () => {
    await using world = await listen(() => undefined, { ageMs: 20, ageGraceMs: 20 });
    using session = rawSession(world.port);
    const closed = once(session, 'close');
    const { trailers } = await rawCall(session, { ':path': path }, hello);
    expect(trailers).toEqual({});
    await closed;
  });
});
