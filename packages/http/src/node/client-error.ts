/** Requests that Node's parser turns away before anything here sees them. */
import type { HtmlPageStatus } from '../html-page.js';
import { pageStatus } from '../routing/route.js';

/** The error of Node's parser for bytes that are not a request. */
export interface ParseFailure {
  readonly code?: string;
  /** The bytes that it was given last. */
  readonly rawPacket?: Uint8Array;
  /** How many of them it took. */
  readonly bytesParsed?: number;
}

/**
 * The page that TensorFlow Serving answers such a request with. Its parser takes any method and any target, which are
 * judged afterwards; so the line that Node's parser gave up in is read again here.
 */
export function statusOfRejected({ code = '', rawPacket = noBytes, bytesParsed = 0 }: ParseFailure): HtmlPageStatus {
  const exceeded = statusOfExceeded[code];
  if (exceeded !== undefined) return exceeded;
  const start = rawPacket.subarray(0, bytesParsed).lastIndexOf(LINE_FEED) + 1;
  const end = rawPacket.indexOf(LINE_FEED, start);
  const line = Buffer.from(rawPacket.subarray(start, end < 0 ? undefined : end)).toString('latin1');
  const [, method, target] = requestLine.exec(line) ?? [];
  if (method === undefined || target === undefined) return 400;
  return pageStatus(method, target) ?? 400;
}

/** Limits of Node's, by the codes of its errors. */
const statusOfExceeded: Readonly<Record<string, HtmlPageStatus>> = {
  HPE_HEADER_OVERFLOW: 431,
  HPE_CHUNK_EXTENSIONS_OVERFLOW: 413,
  ERR_HTTP_REQUEST_TIMEOUT: 408,
};
const noBytes = new Uint8Array(0);
const LINE_FEED = 0x0a;
const requestLine = /^([^ ]+) (.*) HTTP\/1\.[0-9]\r?$/;
