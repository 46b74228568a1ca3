/** What a console is constructed with, for tests of its parts. */
import { ServingError } from '@serving/core';
import type { RestModelServer } from '@serving/http';
import type { HttpExtensionContext } from '@serving/http/adapter';
import { ManualClock } from '@serving/testing';

/** A server without models. */
export function testServer(): RestModelServer {
  const none = (): never => {
    throw ServingError.notFound('The server is empty');
  };
  return { modelNames: [], getModelStatus: none, getModelMetadata: none, getServableHandle: none };
}

/** A mount point with nothing beside the console. */
export function testContext(clock: ManualClock = new ManualClock()): HttpExtensionContext {
  return {
    timeoutMs: false,
    maxBodyBytes: 1024,
    maxResponseBytes: 1024,
    clock,
    inSlices: () => Promise.reject(new ServingError('UNIMPLEMENTED', 'Nothing is large here')),
    cors: {
      allow: (response) => response,
      withHeaders: (response) => response,
      preflight: () => ({ status: 400, headers: {}, body: new Uint8Array(0) }),
    },
    serves: () => false,
  };
}
