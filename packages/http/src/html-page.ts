/** The pages with which TensorFlow Serving's HTTP layer answers what never reaches the REST API. */
import type { HttpResponse } from './http-message.js';

const reasons = {
  400: 'Bad Request',
  404: 'Not Found',
  408: 'Request Timeout',
  413: 'Payload Too Large',
  431: 'Request Header Fields Too Large',
  501: 'Not Implemented',
} as const;

/** A status that the HTTP layer answers by itself. */
export type HtmlPageStatus = keyof typeof reasons;

/** The page of a status. The connection is closed after it. */
export function htmlPage(status: HtmlPageStatus): HttpResponse {
  const body = Buffer.from(htmlText(status));
  const headers = { 'Content-Type': 'text/html', 'Content-Length': String(body.length), Connection: 'close' };
  return { status, headers, body };
}

/** The page with its status line and headers, for a socket on which no request could be made out. */
export function rawHtmlPage(status: HtmlPageStatus): string {
  const body = htmlText(status);
  const head = `HTTP/1.1 ${status} ${reasons[status]}\r\nContent-Type: text/html\r\nContent-Length: ${body.length}`;
  return `${head}\r\nConnection: close\r\n\r\n${body}`;
}

function htmlText(status: HtmlPageStatus): string {
  const reason = reasons[status];
  return `<HTML><HEAD>\n<TITLE>${status} ${reason}</TITLE>\n</HEAD><BODY>\n<H1>${reason}</H1>\n</BODY></HTML>\n`;
}
