/** The answer to a client that sends HTTP/1.1 to a port for gRPC, as if it were the REST API's. */

/** Of the methods that HTTP clients send; HTTP/2 begins with `PRI *`. */
const REQUEST = /^(?:GET|HEAD|POST|PUT|PATCH|DELETE|OPTIONS) [/h]/;
const MOST_METHOD_BYTES = 'OPTIONS /'.length;

const body = JSON.stringify({
  error: 'This port is for gRPC, over HTTP/2, and got a request of HTTP/1.1.',
  hint: 'Send REST requests to the port of the REST API: --rest_api_port of tensorflow_model_server, --port of serving serve.',
});

/** The answer to a request of HTTP/1.1. */
export const http1Answer: Buffer = Buffer.from(
  `HTTP/1.1 400 Bad Request\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\nConnection: close\r\n\r\n${body}`,
);

/** Whether a connection's first bytes are the beginning of one. */
export function isHttp1Request(bytes: Buffer): boolean {
  return REQUEST.test(bytes.toString('latin1', 0, MOST_METHOD_BYTES));
}
