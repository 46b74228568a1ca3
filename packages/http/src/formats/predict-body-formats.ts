/** The forms of predict bodies: which one a request has, and who writes its response. */
import type { PredictBodyFormat } from '@serving/core/extend';
import type { DecodeOptions, JsonEncodeOptions } from '@serving/json-codec';
import type { HttpRequest } from '../http-message.js';
import { BinaryBodyFormat } from './binary-body-format.js';
import { JSON_TYPE, JsonBodyFormat } from './json-body-format.js';
import { npyBodyFormat } from './npy-body-format.js';
import { rawBodyFormat } from './raw-body-format.js';
import type { PredictEncoder, RestPredictFormat } from './rest-predict-format.js';

/** JSON and the binary forms. */
export class PredictBodyFormats {
  readonly #json: JsonBodyFormat;
  readonly #byContentType: ReadonlyMap<string, BinaryBodyFormat>;

  /**
   * @param formats come before the built-in ones where their content types are the same; `undefined` for JSON only
   * @param options limits of what is encoded
   * @param decoding where memory for decoded JSON comes from
   */
  constructor(
    formats: readonly PredictBodyFormat[] | undefined,
    options: JsonEncodeOptions,
    decoding: DecodeOptions = {},
  ) {
    const json = new JsonBodyFormat(options, decoding);
    const byContentType = new Map<string, BinaryBodyFormat>();
    const others = (): PredictEncoder[] => [json.encoder, ...byContentType.values()];
    for (const format of formats ? [...formats, npyBodyFormat, rawBodyFormat] : []) {
      if (byContentType.has(format.contentType)) continue;
      byContentType.set(format.contentType, new BinaryBodyFormat(format, options, others));
    }
    this.#json = json;
    this.#byContentType = byContentType;
  }

  /** JSON, whatever the content type claims, where no other form fits. */
  of(request: HttpRequest): RestPredictFormat {
    const contentType = request.header('content-type');
    if (contentType === undefined || contentType === JSON_TYPE || this.#byContentType.size === 0) return this.#json;
    const format = this.#byContentType.get(contentType) ?? this.#byContentType.get(withoutParameters(contentType));
    return format?.requiredHeaders.every((name) => request.header(name) !== undefined) ? format : this.#json;
  }
}

function withoutParameters(contentType: string): string {
  const end = contentType.indexOf(';');
  return (end < 0 ? contentType : contentType.slice(0, end)).trim().toLowerCase();
}
