/** The version of a servable that a caller requests (TensorFlow Serving's `ServableRequest`). */
import type { Version } from './version.js';

/** A version, or the latest (the default) or earliest of those that are available. */
export interface ServableRequest {
  readonly name: string;
  readonly version?: Version | undefined;
  /** Which one, when there is no `version`. Default `latest`. */
  readonly choice?: 'latest' | 'earliest';
}

/** `Specific(N, V)`, `Latest(N)` or `Earliest(N)`, as TensorFlow Serving prints it. */
export function formatServableRequest({ name, version, choice }: ServableRequest): string {
  if (version !== undefined) return `Specific(${name}, ${version})`;
  return choice === 'earliest' ? `Earliest(${name})` : `Latest(${name})`;
}
