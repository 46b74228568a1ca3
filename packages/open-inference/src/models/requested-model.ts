/** Which model, and which of its versions, a request means. */
import { ServingError, type Version } from '@serving/core';
import { quoteName, toVersion } from '@serving/core/extend';

/** A model, and which of its versions a request means: a version, a label, or neither for the latest. */
export interface RequestedModel {
  readonly model: string;
  readonly version?: Version;
  readonly label?: string;
}

/**
 * Digits are a version, any other text is a label.
 *
 * @throws ServingError `INVALID_ARGUMENT` for digits beyond an int64.
 */
export function requestedVersion(model: string, text: string): RequestedModel {
  if (!/^\d+$/.test(text)) return { model, label: text };
  const version = toVersion(text);
  if (version !== undefined) return { model, version };
  throw ServingError.invalidArgument(`Model ${quoteName(model)}: version ${text.slice(0, 40)} is beyond an int64`);
}
