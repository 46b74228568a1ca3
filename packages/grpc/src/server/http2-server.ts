/** grpc-js's HTTP/2 server behind a connection injector. This file relies on an internal of grpc-js; its test guards it. */
import type { Http2Server } from 'node:http2';
import type { Server } from '@grpc/grpc-js';

/** Returns the server that was created last, or `undefined` in a version of grpc-js with other internals. */
export function http2ServerOf(server: Server): Http2Server | undefined {
  const { http2Servers } = server as unknown as { http2Servers?: unknown };
  return http2Servers instanceof Map ? [...http2Servers.keys()].at(-1) : undefined;
}
