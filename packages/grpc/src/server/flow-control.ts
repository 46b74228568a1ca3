/**
 * HTTP/2's windows: how much a client may send before the server has read it. With the protocol's 64 KiB a request of megabytes waits
 * for a round trip and a timer dozens of times, which costs the server more than the request itself.
 */
import type { Http2Server, ServerHttp2Session } from 'node:http2';

/** Of one call, in bytes. */
const STREAM_WINDOW = 8 * 2 ** 20;

/** Of a connection's calls together, in bytes. */
const SESSION_WINDOW = 64 * 2 ** 20;

/** Makes sessions that begin from now on announce the window of their streams. */
export function announceStreamWindow(server: Http2Server): void {
  server.updateSettings({ initialWindowSize: STREAM_WINDOW });
}

/** Widens the window of a session that has begun. */
export function widenSession(session: ServerHttp2Session): void {
  session.setLocalWindowSize(SESSION_WINDOW);
}
