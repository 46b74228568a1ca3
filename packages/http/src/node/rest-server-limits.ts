/** The limits of a server's connections, with their defaults. */
import { descriptorLimit, ServingError } from '@serving/core';
import type { ConnectionLimitValues } from '../connections/connection-limits.js';
import type { RestServerOptions } from './rest-server.js';

/** All of them. */
export interface RestServerLimits extends ConnectionLimitValues {
  readonly keepAliveTimeoutMs: number | false;
}

/** @throws ServingError `INVALID_ARGUMENT` for one that is neither a positive number nor `false`. */
export async function restServerLimits(options: RestServerOptions): Promise<RestServerLimits> {
  const limits = {
    keepAliveTimeoutMs: options.keepAliveTimeoutMs ?? 75_000,
    requestStallTimeoutMs: options.requestStallTimeoutMs ?? 30_000,
    responseStallTimeoutMs: options.responseStallTimeoutMs ?? 30_000,
    maxConnections: options.maxConnections ?? 10_000,
    maxUnsentBytes: options.maxUnsentBytes ?? 512 * 1024 * 1024,
  };
  for (const [name, value] of Object.entries(limits)) {
    if (value !== false && !(value > 0)) {
      throw new ServingError('INVALID_ARGUMENT', `${name}: expected a positive number, or false, got ${value}`);
    }
  }
  const descriptors = await descriptorLimit();
  if (descriptors === undefined || limits.maxConnections === false) return limits;
  return { ...limits, maxConnections: Math.min(limits.maxConnections, Math.max(1, Math.floor(descriptors / 2))) };
}
