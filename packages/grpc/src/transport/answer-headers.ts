/** The headers of answers, as they are encoded. */
import type { Metadata } from '@grpc/grpc-js';
import { AnswerForm } from '../http2/hpack/answer-form.js';
import { encodeLiterals, type HeaderFields } from '../http2/hpack/hpack-encoder.js';
import type { CallFailure } from './call-failure.js';
import { ACCEPTED_ENCODINGS } from './message-inflater.js';
import { encodeStatusMessage } from './status-message.js';

const responseHeaders: HeaderFields = [
  [':status', '200'],
  ['content-type', 'application/grpc+proto'],
];
const answerHeaders: HeaderFields = [
  ...responseHeaders,
  ['grpc-accept-encoding', ACCEPTED_ENCODINGS],
  ['grpc-encoding', 'identity'],
];
const okTrailers: HeaderFields = [
  ['grpc-status', '0'],
  ['grpc-message', 'OK'],
];

/** Headers and trailers of an answer without metadata of its own. */
export const answerForm: AnswerForm = new AnswerForm(answerHeaders, okTrailers);

/** Of a request that is not one of gRPC. */
export const unsupportedMediaType: Buffer = encodeLiterals([[':status', '415']]);

/** Headers of an answer with metadata. */
export function encodeAnswerHeaders(metadata: Metadata): Buffer {
  return encodeLiterals(withMetadata(answerHeaders, metadata));
}

/** Trailers of an answer with metadata. */
export function encodeOkTrailers(metadata: Metadata): Buffer {
  return encodeLiterals(withMetadata(okTrailers, metadata));
}

/** Trailers of a call that has failed, or the only headers of one that has no others. */
export function encodeFailure({ code, details, trailers }: CallFailure, hasHeaders: boolean): Buffer {
  const fields: HeaderFields = [
    ...(hasHeaders ? [] : responseHeaders),
    ['grpc-status', String(code)],
    ['grpc-message', encodeStatusMessage(details)],
  ];
  return encodeLiterals(trailers === undefined ? fields : withMetadata(fields, trailers));
}

/** Metadata wins over fields of the same name. */
function withMetadata(fields: HeaderFields, metadata: Metadata): HeaderFields {
  const given = Object.entries(metadata.toHttp2Headers());
  const names = new Set(given.map(([name]) => name));
  return [
    ...fields.filter(([name]) => !names.has(name)),
    ...given.flatMap(([name, values]) => [values ?? []].flat().map((value) => [name, String(value)] as const)),
  ];
}
