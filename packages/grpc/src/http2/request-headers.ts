/** The headers of a call, checked by the rules of HTTP/2 (RFC 9113, sections 8.2 and 8.3). */

/** Names and values in turn, in the order in which they came. */
export type HeaderList = readonly string[];

/** Bytes of names: those of HTTP's tokens, in lower case. */
const NAME = /^[!#$%&'*+\-.^_`|~0-9a-z]+$/;

/** Bytes of values: no controls but tabs inside, and no blank at an end. */
const VALUE = /^(?:[\x21-\x7e\x80-\xff](?:[\t\x20-\x7e\x80-\xff]*[\x21-\x7e\x80-\xff])?)?$/;

/** Headers of a connection, which HTTP/2 has frames for. */
const connectionHeaders = new Set(['connection', 'keep-alive', 'proxy-connection', 'transfer-encoding', 'upgrade']);

const PSEUDO_HEADERS = 4;

/** Of a call. It may be that of several calls whose headers are the same. */
export class RequestHeaders {
  readonly path: string;
  /** Empty where there is none. */
  readonly authority: string;
  readonly contentType: string | undefined;
  readonly timeout: string | undefined;
  readonly encoding: string | undefined;
  /** Bytes that the client has announced. */
  readonly contentLength: number | undefined;
  readonly #list: HeaderList;

  private constructor(list: HeaderList, pseudo: readonly (string | undefined)[], regularFrom: number) {
    const [, path, , authority] = pseudo;
    this.#list = list.slice(regularFrom);
    this.path = path!;
    this.authority = authority ?? this.value('host') ?? '';
    this.contentType = this.value('content-type');
    this.timeout = this.value('grpc-timeout');
    this.encoding = this.value('grpc-encoding');
    const length = this.value('content-length');
    this.contentLength = length === undefined ? undefined : Number(length);
  }

  /** Returns `undefined` for headers of a malformed request. */
  static of(list: HeaderList): RequestHeaders | undefined {
    const pseudo: (string | undefined)[] = new Array(PSEUDO_HEADERS).fill(undefined);
    let at = 0;
    for (; at < list.length && list[at]!.charCodeAt(0) === COLON; at += 2) {
      const place = placeOf(list[at]!);
      const value = list[at + 1]!;
      if (place === undefined || pseudo[place] !== undefined || !VALUE.test(value)) return undefined;
      pseudo[place] = value;
    }
    const [method, path, scheme] = pseudo;
    if (!method || !scheme || !path?.startsWith('/')) return undefined;
    return areRegular(list, at) ? new RequestHeaders(list, pseudo, at) : undefined;
  }

  /** The first value of a header that is not a pseudo-header. */
  value(name: string): string | undefined {
    const list = this.#list;
    for (let at = 0; at < list.length; at += 2) if (list[at] === name) return list[at + 1];
    return undefined;
  }

  /** All headers but pseudo-headers. Values of one name are joined by a comma. */
  toObject(): Record<string, string> {
    const object: Record<string, string> = Object.create(null);
    for (let at = 0; at < this.#list.length; at += 2) {
      const name = this.#list[at]!;
      const before = object[name];
      object[name] = before === undefined ? this.#list[at + 1]! : `${before}, ${this.#list[at + 1]}`;
    }
    return object;
  }
}

const COLON = ':'.charCodeAt(0);

function placeOf(name: string): number | undefined {
  switch (name) {
    case ':method':
      return 0;
    case ':path':
      return 1;
    case ':scheme':
      return 2;
    case ':authority':
      return 3;
    default:
      return undefined;
  }
}

/** Whether headers from this place on are none of the connection's and no pseudo-headers. Trailers have no others. */
export function areRegular(list: HeaderList, from: number): boolean {
  let length: string | undefined;
  for (let at = from; at < list.length; at += 2) {
    const name = list[at]!;
    const value = list[at + 1]!;
    if (!NAME.test(name) || !VALUE.test(value) || connectionHeaders.has(name)) return false;
    if (name === 'te' && value !== 'trailers') return false;
    if (name !== 'content-length') continue;
    if (!/^\d{1,15}$/.test(value) || (length !== undefined && length !== value)) return false;
    length = value;
  }
  return true;
}
