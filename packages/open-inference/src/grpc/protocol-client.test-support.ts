/** A client of grpc-js with protobufjs's messages of the `.proto` file. */
import { fileURLToPath } from 'node:url';
import { type CallOptions, ChannelCredentials, Client } from '@grpc/grpc-js';
import protobuf from 'protobufjs';

const root = protobuf.loadSync(fileURLToPath(new URL('../../proto/open_inference.proto', import.meta.url)));

/** The bytes of a message, which is given as {@link ProtocolClient} takes it. */
export function encodeMessage(type: string, message: object): Uint8Array {
  const messageType = root.lookupType(`inference.${type}`);
  return messageType.encode(messageType.fromObject(message)).finish();
}

/** Messages are plain objects in camel case; 64-bit integers are strings, and absent fields are left out. */
export class ProtocolClient {
  readonly #client: Client;

  constructor(port: number) {
    this.#client = new Client(`127.0.0.1:${port}`, ChannelCredentials.createInsecure());
  }

  /** Calls a method by its name. Rejects with grpc-js's error, which has `code` and `details`. */
  call(method: string, request: object = {}, options: CallOptions = {}): Promise<Record<string, unknown>> {
    const responseType = root.lookupType(`inference.${method}Response`);
    const bytes = encodeMessage(`${method}Request`, request);
    return new Promise((resolve, reject) => {
      this.#client.makeUnaryRequest(
        `/inference.GRPCInferenceService/${method}`,
        (message: Uint8Array) => Buffer.from(message),
        (message: Buffer) => responseType.toObject(responseType.decode(message), { longs: String, bytes: Buffer }),
        bytes,
        options,
        (error, response) => (error ? reject(error) : resolve(response!)),
      );
    });
  }

  /** Sends bytes as they are. */
  callRaw(method: string, bytes: Uint8Array): Promise<Uint8Array> {
    const same = (message: Buffer): Buffer => message;
    return new Promise((resolve, reject) => {
      this.#client.makeUnaryRequest(
        `/inference.GRPCInferenceService/${method}`,
        same,
        same,
        Buffer.from(bytes),
        (error, response) => (error ? reject(error) : resolve(response!)),
      );
    });
  }

  close(): void {
    this.#client.close();
  }
}
