/** Reads a request target of the REST API, as TensorFlow Serving's `http_rest_api_util.cc` does: pure, no look-ups. */

import type { Version } from '@serving/core';
import { toVersion } from '@serving/core/extend';
import { textFromBytes } from '@serving/core/internal';

/** The verb of a POST. */
type InferenceMethod = 'classify' | 'regress' | 'predict';

/** Which model, and which of its versions, a target names. */
export interface PathModelSpec {
  readonly model: string;
  readonly version?: Version;
  readonly label?: string;
}

/** A target that matched one of the patterns, or why it can't be served. */
export type ParsedPath =
  | { readonly kind: InferenceMethod | 'status' | 'metadata'; readonly spec: PathModelSpec }
  /** No pattern matches, or a verb is not in lower case (then the model is known). */
  | { readonly kind: 'malformed'; readonly model: string; readonly request: string }
  /** A GET pattern matches, but no model is named. */
  | { readonly kind: 'missing-model' }
  /** The version is no int64. */
  | { readonly kind: 'version-out-of-range'; readonly model: string };

/**
 * Reads the target of a GET or POST; it is matched raw, query and all, and the names in it are percent-decoded afterwards.
 *
 * @example
 * ```ts
 * parsePath('POST', '/v1/models/digits/versions/3:predict'); // { kind: 'predict', spec: { model: 'digits', version: 3 } }
 * ```
 */
export function parsePath(method: 'GET' | 'POST', target: string): ParsedPath {
  const match = (method === 'POST' ? postPattern : getPattern).exec(target);
  if (!match) return malformed(method, target);
  const [, name, digits, label, action = ''] = match;
  const model = name === undefined ? '' : percentDecode(name);
  const version = toVersion(digits);
  if (digits !== undefined && version === undefined) return { kind: 'version-out-of-range', model };
  if (model === '') return { kind: 'missing-model' };
  const spec: PathModelSpec =
    version !== undefined
      ? { model, version }
      : label !== undefined
        ? { model, label: percentDecode(label) }
        : { model };
  if (method === 'GET') return { kind: action === '/metadata' ? 'metadata' : 'status', spec };
  return isInferenceMethod(action) ? { kind: action, spec } : malformed(method, target, model);
}

/** The answer to a request that fits no pattern. */
export function malformed(method: string, target: string, model = ''): ParsedPath {
  return { kind: 'malformed', model, request: `${method} ${target}` };
}

// Both are matched greedily from the left: `/v1/models/versions` names a model, `/v1/models/versions/12` does not.
const postPattern = /^\/v1\/models\/([^/:]+)(?:\/versions\/([0-9]+)|\/labels\/([^/:]+))?:(classify|regress|predict)$/i;
const getPattern = /^\/v1\/models(?:\/([^/:]+))?(?:\/versions\/([0-9]+)|\/labels\/([^/:]+))?(\/metadata)?$/i;

function isInferenceMethod(action: string): action is InferenceMethod {
  return action === 'predict' || action === 'classify' || action === 'regress';
}

/** A `%` without two hex digits stays as it is. */
function percentDecode(text: string): string {
  if (!text.includes('%')) return text;
  const bytes = Buffer.from(text);
  let length = 0;
  for (let at = 0; at < bytes.length; at++) {
    const high = bytes[at] === 0x25 ? hexDigit(bytes[at + 1]) : -1;
    const low = high < 0 ? -1 : hexDigit(bytes[at + 2]);
    if (low < 0) {
      bytes[length++] = bytes[at]!;
    } else {
      bytes[length++] = high * 16 + low;
      at += 2;
    }
  }
  return textFromBytes(bytes.subarray(0, length));
}

function hexDigit(byte: number | undefined): number {
  if (byte === undefined) return -1;
  if (byte >= 0x30 && byte <= 0x39) return byte - 0x30;
  const lower = byte | 0x20;
  return lower >= 0x61 && lower <= 0x66 ? lower - 0x57 : -1;
}
