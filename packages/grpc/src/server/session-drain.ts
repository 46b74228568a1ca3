/** Ends the connections of a draining server, as "Connection: close" does over HTTP/1.1. */
import { constants, type ServerHttp2Stream } from 'node:http2';
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { ServerInterceptingCall, ServerInterceptor } from '@grpc/grpc-js';
import { toStreamCall } from './stream-call.js';

/**
 * Once begun, a connection ends with the next call on it: its client is sent GOAWAY, opens its next connection elsewhere, and has this call
 * answered. To end a connection without a call loses one that is on its way, since Node reads no further then.
 */
export class SessionDrain {
  #hasBegun = false;
  #inFlight = 0;
  #onIdle: (() => void) | undefined;

  begin(): void {
    this.#hasBegun = true;
  }

  readonly interceptor: ServerInterceptor = (_method, call) => {
    if (this.#hasBegun) this.#endSessionOf(toStreamCall(call).stream);
    return call as ServerInterceptingCall;
  };

  /** Resolves when the calls that came since the begin are answered: a session that ends together with a call may cut its answer. */
  async whenIdle(): Promise<void> {
    if (this.#inFlight > 0) {
      await new Promise<void>((resolve) => {
        this.#onIdle = resolve;
      });
    }
    // The last of them is written in this turn.
    await nextTurn();
  }

  #endSessionOf(stream: ServerHttp2Stream | undefined): void {
    if (stream?.session === undefined || stream.session.closed) return;
    this.#inFlight += 1;
    stream.once('close', () => {
      this.#inFlight -= 1;
      if (this.#inFlight === 0) this.#onIdle?.();
    });
    stream.session.goaway(constants.NGHTTP2_NO_ERROR, stream.id);
  }
}
