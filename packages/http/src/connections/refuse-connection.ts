/** Answers a connection that no request can be had from, and closes it. */
import type { Duplex } from 'node:stream';
import type { Clock } from '@serving/core/extend';
import { type HtmlPageStatus, rawHtmlPage } from '../html-page.js';

/**
 * Sends a page. What the client still sends is discarded for a moment: closing with unread data would reset the
 * connection, and the client might never see the page. Takes over a socket that Node no longer watches.
 */
export function refuseConnection(socket: Duplex, status: HtmlPageStatus, clock: Clock): void {
  if (isRefused(socket)) return;
  refused.add(socket);
  // A reset is the client's way to leave.
  socket.on('error', ignore);
  const cancel = clock.setTimer(() => socket.destroy(), LINGER_MS);
  socket.once('close', cancel);
  socket.end(rawHtmlPage(status));
  socket.resume();
}

/** Whether the page has been sent; errors of what still comes mean nothing. */
export function isRefused(socket: Duplex): boolean {
  return refused.has(socket);
}

const refused = new WeakSet<Duplex>();
const ignore = (): void => undefined;
const LINGER_MS = 1000;
