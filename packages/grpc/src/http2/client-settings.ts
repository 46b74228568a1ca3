/** SETTINGS of a client (RFC 9113, section 6.5). */
import { ConnectionFailure, FLOW_CONTROL_ERROR, PROTOCOL_ERROR } from './error-codes.js';
import { INITIAL_WINDOW_BYTES, MAX_FRAME_BYTES, MAX_WINDOW_BYTES } from './frame-types.js';
import { DEFAULT_TABLE_BYTES } from './hpack/hpack-decoder.js';

const HEADER_TABLE_SIZE = 1;
const ENABLE_PUSH = 2;
export const MAX_CONCURRENT_STREAMS = 3;
export const INITIAL_WINDOW_SIZE = 4;
const MAX_FRAME_SIZE = 5;
export const MAX_HEADER_LIST_SIZE = 6;

const LARGEST_FRAME_BYTES = 2 ** 24 - 1;

/** Those that matter to a server. */
export class ClientSettings {
  /** Bytes of headers that the client remembers; the least since it was last read. */
  tableBytes: number = DEFAULT_TABLE_BYTES;
  /** Of each stream. */
  windowBytes: number = INITIAL_WINDOW_BYTES;
  maxFrameBytes: number = MAX_FRAME_BYTES;

  /** Takes a frame's payload. @throws ConnectionFailure for a value that is not allowed. */
  apply(bytes: Buffer, start: number, end: number): void {
    for (let at = start; at < end; at += 6) this.#set(bytes.readUInt16BE(at), bytes.readUInt32BE(at + 2));
  }

  #set(name: number, value: number): void {
    switch (name) {
      case HEADER_TABLE_SIZE:
        this.tableBytes = Math.min(this.tableBytes, value);
        break;
      case ENABLE_PUSH:
        if (value > 1) throw new ConnectionFailure(PROTOCOL_ERROR, `SETTINGS_ENABLE_PUSH of ${value}`);
        break;
      case INITIAL_WINDOW_SIZE:
        if (value > MAX_WINDOW_BYTES) {
          throw new ConnectionFailure(FLOW_CONTROL_ERROR, `SETTINGS_INITIAL_WINDOW_SIZE of ${value}`);
        }
        this.windowBytes = value;
        break;
      case MAX_FRAME_SIZE:
        if (value < MAX_FRAME_BYTES || value > LARGEST_FRAME_BYTES) {
          throw new ConnectionFailure(PROTOCOL_ERROR, `SETTINGS_MAX_FRAME_SIZE of ${value}`);
        }
        this.maxFrameBytes = value;
        break;
      default:
        break;
    }
  }
}
