/** Connections that come at once, accepted in one turn of the event loop. */
import { channel } from 'node:diagnostics_channel';
import type { Server, Socket } from 'node:net';
import { socketOfDescriptor } from './socket-of-descriptor.js';

/** How the connections behind the first are accepted. */
export interface BurstOptions {
  /** Takes a connection from the queue of a listening socket: its descriptor, which is the caller's; `undefined` when none is queued. */
  readonly acceptConnection: (listening: number) => number | undefined;
  /** How many further connections a turn may accept, asked for each burst. Default: {@link MAX_BURST}. */
  readonly most?: () => number;
}

/** Connections that a turn accepts at most behind the first, so that those that are open wait for no more. */
const MAX_BURST = 64;

/** What Node tells its subscribers of each connection that a server accepts. */
const accepted = channel('net.server.socket');

/**
 * libuv accepts one connection in a turn of the event loop (from version 1.46). A server whose turn answers a request on each of its
 * connections would let the hundredth of a burst wait for a hundred turns, each longer than the one before. From now on a turn in which a
 * connection comes also accepts those that are queued behind it, and emits `connection` for each. Node does not count them: `server.close()`
 * does not wait for them.
 */
export function acceptBursts(server: Server, { acceptConnection, most = () => MAX_BURST }: BurstOptions): void {
  let isAccepting = false;
  server.on('connection', () => {
    const handle: { readonly fd?: number } | null = Reflect.get(server, '_handle');
    if (isAccepting || handle?.fd === undefined) return;
    isAccepting = true;
    try {
      for (let left = Math.min(most(), MAX_BURST); left > 0; left--) {
        const descriptor = acceptConnection(handle.fd);
        if (descriptor === undefined) return;
        take(server, descriptor);
      }
    } finally {
      isAccepting = false;
    }
  });
}

function take(server: Server, fd: number): void {
  let socket: Socket;
  try {
    socket = socketOfDescriptor(fd, { allowHalfOpen: Reflect.get(server, 'allowHalfOpen') });
  } catch {
    // Without a handle for it, the connection is the client's loss.
    return;
  }
  if (Reflect.get(server, 'noDelay') === true) socket.setNoDelay(true);
  Object.assign(socket, { server });
  server.emit('connection', socket);
  accepted.publish({ socket });
}
