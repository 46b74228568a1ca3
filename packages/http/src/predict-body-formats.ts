/** The forms of predict bodies beside JSON: which one a request has, and which one its answer is to have. */
import type { PredictBodyFormat } from '@serving/core';
import { encodePredictResponse } from '@serving/json-codec';
import { acceptedFormat } from './accepted-format.js';
import type { HttpRequest } from './http-message.js';
import { npyBodyFormat } from './npy-body-format.js';
import { rawBodyFormat } from './raw-body-format.js';

/** The half of a format that answers need. */
export type PredictAnswerFormat = Pick<PredictBodyFormat, 'contentType' | 'holdsOneTensor' | 'encode'>;

export class PredictBodyFormats {
  readonly #byContentType = new Map<string, PredictBodyFormat>();

  /** @param formats come before the built-in ones where their content types are the same. */
  constructor(formats: readonly PredictBodyFormat[]) {
    for (const format of [...formats, npyBodyFormat, rawBodyFormat]) {
      if (!this.#byContentType.has(format.contentType)) this.#byContentType.set(format.contentType, format);
    }
  }

  /** `undefined`: the body is JSON, whatever its content type claims. */
  of(request: HttpRequest): PredictBodyFormat | undefined {
    const contentType = request.header('content-type');
    if (contentType === undefined || contentType === 'application/json') return undefined;
    const format = this.#byContentType.get(contentType) ?? this.#byContentType.get(withoutParameters(contentType));
    return format?.requiredHeaders?.some((name) => request.header(name) === undefined) ? undefined : format;
  }

  /** What the client of a request in the form `own` accepts, else `own`. */
  forAnswer(request: HttpRequest, own: PredictBodyFormat): PredictAnswerFormat {
    return acceptedFormat<PredictAnswerFormat>(request.header('accept'), [
      own,
      jsonAnswers,
      ...this.#byContentType.values(),
    ]);
  }
}

const jsonAnswers: PredictAnswerFormat = {
  contentType: 'application/json',
  encode: ({ outputs }) => ({ body: encodePredictResponse('columnar', outputs) }),
};

function withoutParameters(contentType: string): string {
  const end = contentType.indexOf(';');
  return (end < 0 ? contentType : contentType.slice(0, end)).trim().toLowerCase();
}
