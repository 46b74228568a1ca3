/** The status codes of gRPC, and the HTTP status that stands for each. */
import { OpenInferenceError } from '../client/open-inference-error.js';

/** Names by number, with the HTTP status of the same meaning. */
const codes: readonly (readonly [name: string, httpStatus: number])[] = [
  ['OK', 200],
  ['CANCELLED', 499],
  ['UNKNOWN', 500],
  ['INVALID_ARGUMENT', 400],
  ['DEADLINE_EXCEEDED', 504],
  ['NOT_FOUND', 404],
  ['ALREADY_EXISTS', 409],
  ['PERMISSION_DENIED', 403],
  ['RESOURCE_EXHAUSTED', 429],
  ['FAILED_PRECONDITION', 400],
  ['ABORTED', 409],
  ['OUT_OF_RANGE', 400],
  ['UNIMPLEMENTED', 501],
  ['INTERNAL', 500],
  ['UNAVAILABLE', 503],
  ['DATA_LOSS', 500],
  ['UNAUTHENTICATED', 401],
];

/** What a proxy means that answers in place of the server. */
const codesOfHttp: Readonly<Record<number, string>> = {
  400: 'INTERNAL',
  401: 'UNAUTHENTICATED',
  403: 'PERMISSION_DENIED',
  404: 'UNIMPLEMENTED',
  429: 'UNAVAILABLE',
  502: 'UNAVAILABLE',
  503: 'UNAVAILABLE',
  504: 'UNAVAILABLE',
};

const statuses: ReadonlyMap<string, number> = new Map(codes);

/** The error of a code by its name. */
export function grpcError(code: string, message: string, options?: ErrorOptions): OpenInferenceError {
  return new OpenInferenceError(statuses.get(code) ?? 500, message, { code, ...options });
}

/** The error of an answer's trailers; `undefined` for OK. */
export function errorOfTrailers(
  httpStatus: number,
  status: string | undefined,
  message: string | undefined,
): OpenInferenceError | undefined {
  if (status === undefined) {
    if (httpStatus === 200) return grpcError('UNKNOWN', 'The server ended the call without a status');
    return grpcError(codesOfHttp[httpStatus] ?? 'UNKNOWN', `The server answered with HTTP status ${httpStatus}`);
  }
  const [name = 'UNKNOWN'] = codes[Number(status)] ?? [];
  if (name === 'OK') return undefined;
  return grpcError(name, textOf(message) || `The server answered with ${name}`);
}

/** Messages are percent-encoded; those that are not, wrongly, stay as they are. */
function textOf(message = ''): string {
  try {
    return decodeURIComponent(message);
  } catch {
    return message;
  }
}
