/** Frames of HTTP/2 (RFC 9113, section 6), as numbers on the wire. */

export const DATA = 0;
export const HEADERS = 1;
export const PRIORITY = 2;
export const RST_STREAM = 3;
export const SETTINGS = 4;
export const PUSH_PROMISE = 5;
export const PING = 6;
export const GOAWAY = 7;
export const WINDOW_UPDATE = 8;
export const CONTINUATION = 9;

/** Flag of SETTINGS and PING. */
export const ACK = 0x1;
/** Flag of DATA and HEADERS. */
export const END_STREAM = 0x1;
/** Flag of HEADERS and CONTINUATION. */
export const END_HEADERS = 0x4;
/** Flag of DATA and HEADERS. */
export const PADDED = 0x8;
/** Flag of HEADERS. */
export const HAS_PRIORITY = 0x20;

export const FRAME_HEADER_BYTES = 9;

/** Payload of the largest frame that a peer takes unless its settings say otherwise, and that is taken here. */
export const MAX_FRAME_BYTES: number = 2 ** 14;

/** Flow control's window of a stream or a connection before anything else is said. */
export const INITIAL_WINDOW_BYTES: number = 2 ** 16 - 1;

export const MAX_WINDOW_BYTES: number = 2 ** 31 - 1;
