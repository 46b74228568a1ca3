/** gRPC's frames: a byte for compression, four bytes of length, the message. */
import { grpcError } from './status.js';

const HEAD = 5;

/** What stands before a message that is not compressed. */
export function frameHead(message: Uint8Array): Buffer {
  const head = Buffer.alloc(HEAD);
  head.writeUInt32BE(message.length, 1);
  return head;
}

/** The one message of an answer. @throws OpenInferenceError `INTERNAL` for other data. */
export function decodeFrames(chunks: readonly Buffer[]): Uint8Array {
  const data = chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks);
  if (data.length < HEAD) throw grpcError('INTERNAL', 'The server answered without a message');
  if (data[0] !== 0) throw grpcError('INTERNAL', 'The answer is compressed, which the client did not ask for');
  const length = data.readUInt32BE(1);
  if (data.length === HEAD + length) return data.subarray(HEAD);
  throw grpcError('INTERNAL', `The answer has a message of ${length} bytes in ${data.length - HEAD} bytes`);
}
