/** The number of a version: an int64. */
import { quoteName } from '../printable-text.js';
import { ServingError } from '../serving-error.js';

/**
 * An int64. A number where that is exact, within ±(2^53 - 1), and a `bigint` beyond; so two versions are equal if `===`
 * says so, they work as keys of a `Map`, and `<` orders them. `JSON.stringify` refuses bigints: see `versionToJson`.
 */
export type Version = number | bigint;

/** A {@link Version} as callers may write it: a number, a bigint of any size, or decimal digits. */
export type VersionLike = number | bigint | string;

const INT64_MIN = -(2n ** 63n);
const INT64_MAX = 2n ** 63n - 1n;
const MAX_QUOTED = 40;
const WHAT = 'a version, an int64 as a number, a bigint or digits';

/** The version that a value means; `undefined` for anything that is not exactly one. */
export function toVersion(value: unknown): Version | undefined {
  switch (typeof value) {
    case 'number':
      // Adding 0 makes 0 of -0.
      return Number.isSafeInteger(value) ? value + 0 : undefined;
    case 'bigint':
      return fromBigInt(value);
    case 'string':
      return fromDigits(value);
    default:
      return undefined;
  }
}

/**
 * {@link toVersion} for a value that has to be one.
 *
 * @param place put in front of the error, such as `Model "m": `.
 * @throws ServingError `INVALID_ARGUMENT` that quotes the value.
 */
export function parseVersion(value: unknown, place = ''): Version {
  const version = toVersion(value);
  if (version === undefined) throw new ServingError('INVALID_ARGUMENT', `${place}${notAVersion(value)}`);
  return version;
}

/** Why a value is not a version, with what was expected. */
export function notAVersion(value: unknown): string {
  const isInexact = typeof value === 'number' && Number.isInteger(value);
  const fix = isInexact ? '; numbers beyond 2^53 - 1 are not exact, pass a bigint or digits' : '';
  return `expected ${WHAT} (got ${quote(value)})${fix}`;
}

/** Orders versions, for `Array.prototype.sort`. */
export function compareVersions(a: Version, b: Version): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** For JSON: a number, or the digits of a version that a number does not hold exactly. */
export function versionToJson(version: Version): number | string {
  return typeof version === 'bigint' ? String(version) : version;
}

function fromBigInt(value: bigint): Version | undefined {
  const number = Number(value);
  if (Number.isSafeInteger(number)) return number;
  return value >= INT64_MIN && value <= INT64_MAX ? value : undefined;
}

function fromDigits(text: string): Version | undefined {
  const [, sign = '', digits = ''] = /^([+-]?)0*(\d+)$/.exec(text) ?? [];
  // An int64 has 19 digits at most; longer ones are not worth reading.
  if (digits === '' || digits.length > 19) return undefined;
  return digits.length < 16 ? Number(sign + digits) + 0 : fromBigInt(BigInt(sign === '-' ? `-${digits}` : digits));
}

function quote(value: unknown): string {
  if (typeof value === 'string') return quoteName(value.length > MAX_QUOTED ? `${value.slice(0, MAX_QUOTED)}…` : value);
  return typeof value === 'object' && value !== null ? 'an object' : String(value);
}
