/** A client that sends any frames, and reads what a server sends. */
import { EventEmitter } from 'node:events';
import type { Socket } from 'node:net';
import { onTestFinished } from 'vitest';
import { connectedSocket, frame, preface, settings } from '../server/http2-frames.test-support.js';
import {
  DATA,
  END_HEADERS,
  END_STREAM,
  GOAWAY,
  HEADERS,
  PING,
  RST_STREAM,
  SETTINGS,
  WINDOW_UPDATE,
} from './frame-types.js';
import { HpackDecoder } from './hpack/hpack-decoder.js';
import { encodeLiterals, type HeaderFields } from './hpack/hpack-encoder.js';

export const callHeaders: HeaderFields = [
  [':method', 'POST'],
  [':scheme', 'http'],
  [':path', '/test.Echo/Echo'],
  ['content-type', 'application/grpc'],
  ['te', 'trailers'],
];

/** HEADERS of a call. */
export function headers(stream: number, flags = END_HEADERS, fields: HeaderFields = callHeaders): Buffer {
  return frame(HEADERS, flags, stream, encodeLiterals(fields));
}

/** A message of these bytes, which ends the call. */
export function message(stream: number, content = Buffer.from('hello'), flags = END_STREAM): Buffer {
  const header = Buffer.alloc(5);
  header.writeUInt32BE(content.length, 1);
  return frame(DATA, flags, stream, Buffer.concat([header, content]));
}

export function uint32(...values: readonly number[]): Buffer {
  const bytes = Buffer.alloc(4 * values.length);
  for (const [i, value] of values.entries()) bytes.writeUInt32BE(value, 4 * i);
  return bytes;
}

/** SETTINGS of identifiers and values in turn. */
export function settingsOf(...values: readonly number[]): Buffer {
  const bytes = Buffer.alloc(3 * values.length);
  for (let i = 0; i < values.length; i += 2) {
    bytes.writeUInt16BE(values[i]!, 3 * i);
    bytes.writeUInt32BE(values[i + 1]!, 3 * i + 2);
  }
  return frame(SETTINGS, 0, 0, bytes);
}

export const ping: Buffer = frame(PING, 0, 0, Buffer.from('12345678'));

export interface ReceivedFrame {
  readonly type: number;
  readonly flags: number;
  readonly stream: number;
  readonly payload: Buffer;
}

/** One connection. */
export class FramesClient {
  readonly socket: Socket;
  readonly frames: ReceivedFrame[] = [];
  readonly decoder = new HpackDecoder(2 ** 20);
  readonly #changes = new EventEmitter();
  #rest = Buffer.alloc(0);

  private constructor(socket: Socket) {
    this.socket = socket;
    socket.on('data', (chunk) => {
      this.#rest = Buffer.concat([this.#rest, chunk]);
      while (this.#rest.length >= 9 && this.#rest.length >= 9 + this.#rest.readUIntBE(0, 3)) {
        const end = 9 + this.#rest.readUIntBE(0, 3);
        const payload = this.#rest.subarray(9, end);
        const found = { type: this.#rest[3]!, flags: this.#rest[4]!, stream: this.#rest.readUInt32BE(5), payload };
        this.frames.push(found);
        this.#rest = this.#rest.subarray(end);
      }
      this.#changes.emit('change');
    });
    for (const event of ['end', 'close']) socket.on(event, () => this.#changes.emit('change'));
  }

  /** Connects, with the preface and these SETTINGS. */
  static async open(address: number | string, ownSettings = settings): Promise<FramesClient> {
    const client = await FramesClient.connect(address);
    client.send(preface, ownSettings);
    return client;
  }

  /** Connects, and sends nothing. */
  static async connect(address: number | string): Promise<FramesClient> {
    const socket = await connectedSocket(address);
    onTestFinished(() => void socket.destroy());
    return new FramesClient(socket);
  }

  send(...frames: readonly Buffer[]): void {
    this.socket.write(Buffer.concat(frames));
  }

  /** Waits until such a frame has come, or the connection has ended. */
  async until(isFound: (frame: ReceivedFrame) => boolean): Promise<void> {
    while (!this.frames.some(isFound) && !this.socket.readableEnded && !this.socket.destroyed) {
      await new Promise<void>((resolve) => this.#changes.once('change', resolve));
    }
  }

  /** What the server makes of what it was sent: waits for its answer to a ping, or for GOAWAY. */
  async outcome(): Promise<string[]> {
    this.send(ping);
    await this.until(({ type, flags }) => type === GOAWAY || (type === PING && flags === 1));
    return this.events();
  }

  /** The frames so far, without those that a connection begins with. */
  events(): string[] {
    return this.frames.slice(2).map(({ type, flags, stream, payload }) => {
      const ends = flags & END_STREAM ? 'end' : '';
      if (type === HEADERS) return `${ends || 'headers'} ${stream}`;
      if (type === DATA) return `data ${stream}`;
      if (type === RST_STREAM) return `reset ${stream} ${payload.readUInt32BE(0)}`;
      if (type === GOAWAY) return `goaway ${payload.readUInt32BE(4)}`;
      if (type === SETTINGS) return 'ack';
      if (type === PING) return 'pong';
      if (type === WINDOW_UPDATE) return `window ${stream} ${payload.readUInt32BE(0)}`;
      return `frame ${type}`;
    });
  }

  /** All content of a stream. */
  content(stream: number): Buffer {
    return Buffer.concat(
      this.frames.filter((one) => one.type === DATA && one.stream === stream).map((one) => one.payload),
    );
  }
}
