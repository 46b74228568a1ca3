/** The forms of predict bodies beside JSON: which one a request has, and which one its answer is to have. */
import type { PredictBodyFormat } from '@serving/core';
import type { NamedTensors } from '@serving/core/tensor';
import {
  encodePredictResponse,
  encodePredictResponseInSlices,
  isLargeResponse,
  type JsonEncodeOptions,
  type SlicedWork,
} from '@serving/json-codec';
import type { HttpRequest } from '../http-message.js';
import { acceptedFormat } from './content-negotiation.js';
import { npyBodyFormat } from './npy-body-format.js';
import { rawBodyFormat } from './raw-body-format.js';

/** The half of a format that answers need. */
export interface PredictAnswerFormat extends Pick<PredictBodyFormat, 'contentType' | 'holdsOneTensor' | 'encode'> {
  /** `undefined` for an answer that is encoded at once. */
  readonly encodeInSlices?: (outputs: NamedTensors) => SlicedWork<Uint8Array> | undefined;
}

export class PredictBodyFormats {
  readonly #byContentType = new Map<string, PredictBodyFormat>();
  readonly #json: PredictAnswerFormat;

  /** @param formats come before the built-in ones where their content types are the same. */
  constructor(formats: readonly PredictBodyFormat[], encoding: JsonEncodeOptions) {
    this.#json = jsonAnswers(encoding);
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
      this.#json,
      ...this.#byContentType.values(),
    ]);
  }
}

const jsonAnswers = (encoding: JsonEncodeOptions): PredictAnswerFormat => ({
  contentType: 'application/json',
  encode: ({ outputs }) => ({ body: encodePredictResponse('columnar', outputs, encoding) }),
  encodeInSlices: (outputs) =>
    isLargeResponse(outputs) ? encodePredictResponseInSlices('columnar', outputs, encoding) : undefined,
});

function withoutParameters(contentType: string): string {
  const end = contentType.indexOf(';');
  return (end < 0 ? contentType : contentType.slice(0, end)).trim().toLowerCase();
}
