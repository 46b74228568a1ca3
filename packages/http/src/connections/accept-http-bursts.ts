/** How many connections of a burst one HTTP server accepts. */
import type { ThreadSupport } from '@serving/core/extend';
import { acceptBursts } from '@serving/core/internal';
import { type HttpServer, openConnections } from './open-connections.js';

/** Of the connections that a thread has open, how many further ones it may take in a turn from a queue that threads share. */
const SHARE_OF_OPEN = 1 / 4;

/**
 * See `acceptBursts`. A thread that shares its socket with others leaves them theirs: an idle one accepts one connection at a time, as the
 * others do, and a busy one more.
 */
export function acceptHttpBursts(
  server: HttpServer,
  { acceptConnection }: Pick<ThreadSupport, 'acceptConnection'>,
  isShared: boolean,
): void {
  const share = (): number => Math.floor(openConnections(server).size * SHARE_OF_OPEN);
  acceptBursts(server, { acceptConnection, ...(isShared && { most: share }) });
}
