/** Responses to what can't be served, and CORS headers. */
import { encodeError } from '@serving/json-codec';
import { type HttpRequest, type HttpResponse, toResponse } from '../http-message.js';
import type { CorsHeaders } from '../routing/http-extension.js';

/**
 * `{"error": MESSAGE}`, as TensorFlow Serving writes it, with a member `hint` behind it where there is one. A longer message than 64 Ki characters is cut: the text of a kernel may
 * quote a whole input.
 */
export function errorResponse(status: number, message: string, hint?: string): HttpResponse {
  const isLong = message.length > MAX_MESSAGE_LENGTH;
  const text = isLong ? `${message.slice(0, MAX_MESSAGE_LENGTH)}...TRUNCATED` : message;
  return toResponse(status, JSON_TYPE, encodeError(text, hint));
}

const MAX_MESSAGE_LENGTH = 65_536;

export const JSON_TYPE = 'application/json';

/** TensorFlow Serving's CORS headers, where they are enabled. */
export class Cors implements CorsHeaders {
  readonly isEnabled: boolean;
  readonly #hasBinaryFormats: boolean;

  constructor(isEnabled: boolean, hasBinaryFormats: boolean) {
    this.isEnabled = isEnabled;
    this.#hasBinaryFormats = hasBinaryFormats;
  }

  /** Lets pages of any origin read a response, which was made here and is changed. */
  allow(response: HttpResponse): HttpResponse {
    if (this.isEnabled) Object.assign(response.headers, corsHeaders);
    return response;
  }

  /** Adds headers to a response, and lets pages read those. */
  withHeaders(response: HttpResponse, headers: Readonly<Record<string, string>>): HttpResponse {
    const exposed = this.isEnabled && { 'Access-Control-Expose-Headers': Object.keys(headers).join(', ') };
    return { ...response, headers: { ...response.headers, ...headers, ...exposed } };
  }

  /** The answer to OPTIONS. */
  preflight(request: HttpRequest): HttpResponse {
    const origin = request.header('origin') ?? '';
    const isWeb = origin.includes('http://') || origin.includes('https://');
    const response = this.allow(toResponse(isWeb ? 200 : 400, 'text/html; charset=ISO-8859-1', new Uint8Array(0)));
    const requested = request.header('access-control-request-headers');
    if (!this.isEnabled || !this.#hasBinaryFormats || !requested?.toLowerCase().includes('serving-')) return response;
    return { ...response, headers: { ...response.headers, 'Access-Control-Allow-Headers': binaryFormatHeaders } };
  }
}

const corsHeaders = {
  'Access-Control-Allow-Origin': '*',
  'Access-Control-Allow-Methods': 'POST, GET',
  'Access-Control-Allow-Headers': 'Content-Type',
};
/** Headers and methods that pages of other origins may send. */
const binaryFormatHeaders = 'Content-Type, Serving-Shape, Serving-Dtype, Serving-Signature, Serving-Output';
