/** The request of a method whose clients send one message. */
import { status } from '@grpc/grpc-js';
import type { CallStream } from './call-stream.js';
import { type MessageReading, RequestMessages } from './request-messages.js';
import { callHandler, decodeRequest, type TransportMethod } from './transport-method.js';

/**
 * Calls `handle` once the client has sent its message and nothing else; otherwise fails the call. `release` comes with requests
 * whose memory can serve the next one: it is to be called when the request is not read any more, and need not be.
 */
export function readRequest(
  stream: CallStream,
  method: TransportMethod,
  reading: MessageReading,
  handle: (request: unknown, release: (() => void) | undefined) => void,
): void {
  let content: Buffer | undefined;
  let memory: ArrayBufferLike | undefined;
  const messages = new RequestMessages(stream.stream, stream.encoding, reading, {
    message(given, lent) {
      if (content === undefined) {
        content = given;
        memory = lent;
        return;
      }
      messages.discard();
      const details = `Received a second request message for method ${stream.path}, which takes one`;
      stream.fail({ code: status.UNIMPLEMENTED, details });
    },
    end() {
      if (stream.isOver) return;
      if (content === undefined) {
        const details = `Received no request message for method ${stream.path}, which takes one`;
        stream.fail({ code: status.UNIMPLEMENTED, details });
        return;
      }
      const request = decodeRequest(stream, method, content);
      if (request === undefined) return;
      const release = memory && (() => reading.buffers.give(memory!));
      callHandler(stream, () => handle(request.message, release));
    },
    fail: (failure) => stream.fail(failure),
  });
}
