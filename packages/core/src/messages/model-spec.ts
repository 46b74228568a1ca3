/** Which model, and which of its versions, a request means. */
import type { VersionLike } from '../servable/version.js';

/** Neither version nor label: the latest available version. Not both. */
export interface ModelSpec {
  readonly model: string;
  /** That version and no other: a number, or a bigint or digits, which also hold versions beyond 2^53 - 1. */
  readonly version?: VersionLike;
  /** The version with this label in the model's configuration. */
  readonly label?: string;
}
