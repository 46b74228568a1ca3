/** HTTP/2 by hand, for clients that grpc-js would not be. */
import { once } from 'node:events';
import { type ClientHttp2Session, connect as connectHttp2 } from 'node:http2';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

export const preface = Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n');

/** A frame of this type on a stream. */
export function frame(type: number, flags: number, stream: number, payload: Buffer = Buffer.alloc(0)): Buffer {
  const header = Buffer.alloc(9);
  header.writeUIntBE(payload.length, 0, 3);
  header[3] = type;
  header[4] = flags;
  header.writeUInt32BE(stream, 5);
  return Buffer.concat([header, payload]);
}

export const settings = frame(4, 0, 0);

/** The frames behind the preface of a recorded session. */
export function framesOf(recorded: Buffer): Buffer[] {
  const frames: Buffer[] = [];
  for (let at = preface.length; at < recorded.length; ) {
    const end = at + 9 + recorded.readUIntBE(at, 3);
    frames.push(recorded.subarray(at, end));
    at = end;
  }
  return frames;
}

/** The begin of a call whose message does not come. */
export function openCall(stream: number, path: string): Buffer {
  const literal = (name: string, value: string): Buffer =>
    Buffer.concat([Buffer.of(0, name.length), Buffer.from(name), Buffer.of(value.length), Buffer.from(value)]);
  const headers = [
    Buffer.of(0x83, 0x86), // ":method: POST", ":scheme: http"
    literal(':path', path),
    literal('content-type', 'application/grpc'),
    literal('te', 'trailers'),
  ];
  return frame(1, 4, stream, Buffer.concat(headers));
}

/** Frames that end a session by the rules of HTTP/2. Of each Node reads no further, and some it passes over in silence. */
export const breakingFrames = {
  'DATA on stream 0': frame(0, 0, 0, Buffer.of(0)),
  'a header block that no table has': frame(1, 4, 99, Buffer.of(0xff, 0xff, 0x7f)),
  'the header of index 0': frame(1, 4, 99, Buffer.of(0x80)),
  'CONTINUATION of nothing': frame(9, 4, 99, Buffer.of(0x82)),
  'SETTINGS of one byte': frame(4, 0, 0, Buffer.of(1)),
  'a frame of 16 MiB': Buffer.of(0xff, 0xff, 0xff, 0, 0, 0, 0, 0, 1),
  'a window beyond 2³¹−1': frame(8, 0, 0, Buffer.of(0x7f, 0xff, 0xff, 0xff)),
  'PUSH_PROMISE of a client': frame(5, 4, 1, Buffer.of(0, 0, 0, 2, 0x82)),
};

/** DATA on stream 0, which ends a session by the rules of HTTP/2. */
export const brokenFraming = Buffer.concat([preface, settings, frame(0, 0, 0, Buffer.of(0))]);

/**
 * A client that keeps its side open whatever the server does, and reads.
 *
 * @param address a port, or the path of a unix socket
 */
export async function connectedSocket(address: number | string): Promise<Socket> {
  const place = typeof address === 'string' ? { path: address } : { port: address, host: '127.0.0.1' };
  const socket = connect({ ...place, allowHalfOpen: true });
  socket.on('error', () => undefined);
  await once(socket, 'connect');
  socket.resume();
  return socket;
}

/** What a call with one message ends with. */
export interface CallEnd {
  readonly status: string | undefined;
  readonly message: string;
  readonly acceptEncoding: string | undefined;
}

/** Calls with a message whose compressed-flag and encoding are the caller's choice. */
export async function callWithFlag(
  address: string,
  path: string,
  flag: number,
  content: Buffer,
  encoding?: string,
): Promise<CallEnd> {
  const session: ClientHttp2Session = connectHttp2(address);
  try {
    const stream = session.request({
      ':method': 'POST',
      ':path': path,
      'content-type': 'application/grpc',
      te: 'trailers',
      ...(encoding !== undefined && { 'grpc-encoding': encoding }),
    });
    let ends: Record<string, unknown> = {};
    stream.on('response', (headers) => {
      ends = { ...ends, ...headers };
    });
    stream.on('trailers', (headers) => {
      ends = { ...ends, ...headers };
    });
    const header = Buffer.of(flag, 0, 0, 0, 0);
    header.writeUInt32BE(content.length, 1);
    stream.end(Buffer.concat([header, content]));
    stream.resume();
    await once(stream, 'close');
    return {
      status: ends['grpc-status'] as string | undefined,
      message: decodeURI((ends['grpc-message'] as string | undefined) ?? ''),
      acceptEncoding: ends['grpc-accept-encoding'] as string | undefined,
    };
  } finally {
    session.close();
  }
}

/** What clients send to a port while `act` runs against the address that it is given. */
export async function recordClient(port: number, act: (port: number) => Promise<void>): Promise<Buffer> {
  const chunks: Buffer[] = [];
  const proxy = createServer((client) => {
    const server = connect(port, '127.0.0.1');
    client.on('data', (chunk) => chunks.push(chunk));
    for (const socket of [client, server]) socket.on('error', () => undefined);
    client.pipe(server).pipe(client);
  });
  proxy.listen(0, '127.0.0.1');
  await once(proxy, 'listening');
  await act((proxy.address() as AddressInfo).port);
  proxy.close();
  return Buffer.concat(chunks);
}
