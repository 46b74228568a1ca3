/** The forms of predict bodies beside JSON, by their content types. */
import type { PredictBodyFormat } from '@serving/core/extend';
import type { JsonEncodeOptions } from '@serving/json-codec';
import type { HttpRequest } from '../http-message.js';
import { BinaryBodyFormat } from './binary-body-format.js';
import type { PredictEncoder } from './rest-predict-format.js';
import { npyBodyFormat, rawBodyFormat } from './single-tensor-formats.js';

/** Those of an application, and the built-in ones. */
export class BinaryBodyFormats {
  readonly #byContentType: ReadonlyMap<string, BinaryBodyFormat>;

  /**
   * @param formats come before the built-in ones where their content types are the same
   * @param options limits of what is encoded
   * @param json for clients that accept it
   */
  constructor(formats: readonly PredictBodyFormat[], options: JsonEncodeOptions, json: PredictEncoder) {
    const byContentType = new Map<string, BinaryBodyFormat>();
    const others = (): PredictEncoder[] => [json, ...byContentType.values()];
    for (const format of [...formats, npyBodyFormat, rawBodyFormat]) {
      if (byContentType.has(format.contentType)) continue;
      byContentType.set(format.contentType, new BinaryBodyFormat(format, options, others));
    }
    this.#byContentType = byContentType;
  }

  /** The form of a request with this content type; `undefined` where none fits. */
  of(contentType: string, request: HttpRequest): BinaryBodyFormat | undefined {
    const format = this.#byContentType.get(contentType) ?? this.#byContentType.get(withoutParameters(contentType));
    return format?.requiredHeaders.every((name) => request.header(name) !== undefined) ? format : undefined;
  }
}

function withoutParameters(contentType: string): string {
  const end = contentType.indexOf(';');
  return (end < 0 ? contentType : contentType.slice(0, end)).trim().toLowerCase();
}
