/** What is kept of each loaded version, for as long as it is loaded. */
import type { RequestTemplate } from '../json/request-template.js';
import { VersionStatistics } from './version-statistics.js';

/** Kept beside a servable. */
export class ServedVersion {
  readonly statistics: VersionStatistics = new VersionStatistics();
  /** Texts of small requests that were read, for the next ones with the same text. */
  readonly templates: RequestTemplate[] = [];
  /** How answers begin; made for the first one. */
  answerHead: Uint8Array | undefined = undefined;
}

/** By loaded version, as clients of both HTTP and gRPC count. */
const byServable = new WeakMap<object, ServedVersion>();

/** What is kept of this servable. */
export function servedVersionOf(servable: object): ServedVersion {
  const known = byServable.get(servable);
  if (known !== undefined) return known;
  const version = new ServedVersion();
  byServable.set(servable, version);
  return version;
}
