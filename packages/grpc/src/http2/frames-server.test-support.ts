/** Servers for clients of frames: each is closed when its test is over. */
import type { handleUnaryCall, UntypedServiceImplementation } from '@grpc/grpc-js';
import { onTestFinished } from 'vitest';
import type { TransportLimits } from '../transport/grpc-transport.js';
import { bytesMethod, listenWith, type TransportWorld } from '../transport/raw-call.test-support.js';

/** Answers a message with itself. */
export const echo: handleUnaryCall<Buffer, Buffer> = ({ request }, respond) => respond(null, request);

/** Returns the port. */
export async function listen(handler = echo, limits: Partial<TransportLimits> = {}): Promise<number> {
  const service = { Echo: bytesMethod('/test.Echo/Echo') };
  const big = { maxRequestBytes: 2 ** 26, maxResponseBytes: 2 ** 26 };
  const world = await listenWith(service, { Echo: handler } as UntypedServiceImplementation, { ...big, ...limits });
  onTestFinished(() => world[Symbol.asyncDispose]());
  return world.port;
}

/** A transport with a handler of several messages, which reads none of them. */
export async function streamWorld(limits?: Partial<TransportLimits>): Promise<TransportWorld> {
  const service = { Echo: bytesMethod('/test.Echo/Echo', true) };
  const world = await listenWith(service, { Echo: () => undefined } as UntypedServiceImplementation, limits);
  onTestFinished(() => world[Symbol.asyncDispose]());
  return world;
}

/** The frames of an answer. */
export const answer = (stream: number): string[] => [`headers ${stream}`, `data ${stream}`, `end ${stream}`];
