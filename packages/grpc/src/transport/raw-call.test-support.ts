/** Calls by `node:http2`, for what no client of grpc-js sends. */
import { once } from 'node:events';
import { type ClientHttp2Session, connect, type IncomingHttpHeaders, type OutgoingHttpHeaders } from 'node:http2';
import { type AddressInfo, createServer } from 'node:net';
import {
  ChannelCredentials,
  Client,
  type MethodDefinition,
  type ServiceDefinition,
  type UntypedServiceImplementation,
} from '@grpc/grpc-js';
import { BufferPool } from '@serving/core/batching';
import { systemClock } from '@serving/core/extend';
import { GrpcTransport, type TransportLimits } from './grpc-transport.js';
import { transportLimits } from './transport-limits.js';

const identity = (bytes: Buffer): Buffer => bytes;

/** A method of bytes. */
export function bytesMethod(
  path: string,
  requestStream = false,
  responseStream = false,
): MethodDefinition<Buffer, Buffer> {
  const codec = { requestSerialize: identity, requestDeserialize: identity };
  return { path, requestStream, responseStream, ...codec, responseSerialize: identity, responseDeserialize: identity };
}

export interface TransportWorld extends AsyncDisposable {
  readonly transport: GrpcTransport;
  readonly port: number;
  readonly client: Client;
}

/** A transport that listens with this service, and a client of grpc-js. */
export async function listenWith(
  service: ServiceDefinition,
  implementation: UntypedServiceImplementation,
  limits: Partial<TransportLimits> = {},
): Promise<TransportWorld> {
  const own = { maxRequestBytes: 2 ** 20, maxInflatedBytes: 2 ** 20, maxResponseBytes: 2 ** 20 };
  const times = { keepaliveMs: Infinity, keepaliveTimeoutMs: Infinity, idleMs: Infinity, maxConcurrentStreams: 1000 };
  const all = { ...transportLimits({ ...own, ...times }), ...limits };
  const transport = new GrpcTransport(all, new BufferPool(), systemClock);
  transport.addService(service, implementation);
  const server = createServer((socket) => transport.serve(socket)).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const client = new Client(`127.0.0.1:${port}`, ChannelCredentials.createInsecure());
  return {
    transport,
    port,
    client,
    async [Symbol.asyncDispose]() {
      client.close();
      transport.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}

/** What a call was answered with. */
export interface RawAnswer {
  readonly headers: IncomingHttpHeaders;
  readonly trailers: IncomingHttpHeaders;
  readonly content: Buffer;
}

/** Sends these bytes on a session; `null` leaves the call open. */
export async function rawCall(
  session: ClientHttp2Session,
  headers: OutgoingHttpHeaders,
  bytes: Buffer | null,
): Promise<RawAnswer> {
  const stream = session.request({ ':method': 'POST', 'content-type': 'application/grpc', te: 'trailers', ...headers });
  let received: IncomingHttpHeaders = {};
  let trailers: IncomingHttpHeaders = {};
  const chunks: Buffer[] = [];
  stream.on('response', (found) => {
    received = found;
  });
  stream.on('trailers', (found) => {
    trailers = found;
  });
  stream.on('data', (chunk) => chunks.push(chunk));
  stream.on('error', () => undefined);
  if (bytes === null) stream.write('');
  else stream.end(bytes);
  await once(stream, 'close');
  return { headers: received, trailers, content: Buffer.concat(chunks) };
}

/** A session, closed with the block that it is used in. */
export function rawSession(port: number): ClientHttp2Session & Disposable {
  const session = connect(`http://127.0.0.1:${port}`);
  session.on('error', () => undefined);
  return Object.assign(session, { [Symbol.dispose]: () => session.destroy() });
}

/** A message in gRPC's framing, uncompressed. */
export function framedMessage(content: Uint8Array): Buffer {
  const header = Buffer.alloc(5);
  header.writeUInt32BE(content.length, 1);
  return Buffer.concat([header, content]);
}
