/** Notices that a version which failed to load has other content now. */
import type { ServableId } from '../servable/servable-id.js';
import type { Version } from '../servable/version.js';
import type { Storage } from './storage.js';
import type { StoragePath } from './storage-path.js';

export interface VersionRevisionsOptions {
  readonly storage: Storage;
  /** Whether the last attempt to load this version failed. */
  readonly hasFailed: (id: ServableId) => boolean;
}

interface Revision {
  /** With which the version was last aspired. */
  aspired: string | undefined;
  lastSeen: string | undefined;
}

/**
 * The content of a version is read when it is first seen and then only while it has failed, so it costs nothing in
 * the common case. A new revision is given out when the content is not what failed.
 */
export class VersionRevisions {
  readonly #options: VersionRevisionsOptions;
  readonly #revisions = new Map<string, Map<Version, Revision>>();

  constructor(options: VersionRevisionsOptions) {
    this.#options = options;
  }

  /**
   * The revision with which to aspire a version; `undefined` when the storage has none. With `isQuiet` a new revision counts
   * only when the content has not changed since the poll before, so that a copy can finish.
   */
  async of(id: ServableId, path: StoragePath, { isQuiet }: { readonly isQuiet: boolean }): Promise<string | undefined> {
    const versions = this.#versions(id.name);
    const known = versions.get(id.version);
    if (!known) {
      const seen = await this.#fingerprint(path);
      versions.set(id.version, { aspired: seen, lastSeen: seen });
      return seen;
    }
    if (!this.#options.hasFailed(id)) return known.aspired;
    const seen = await this.#fingerprint(path);
    if (seen === known.lastSeen || !isQuiet) known.aspired = seen ?? known.aspired;
    known.lastSeen = seen;
    return known.aspired;
  }

  /** Removes all versions of a model but these. */
  keepOnly(name: string, kept: readonly Version[]): void {
    const wanted = new Set(kept);
    const versions = this.#versions(name);
    for (const version of versions.keys()) if (!wanted.has(version)) versions.delete(version);
    if (versions.size === 0) this.#revisions.delete(name);
  }

  #versions(name: string): Map<Version, Revision> {
    let versions = this.#revisions.get(name);
    if (!versions) {
      versions = new Map();
      this.#revisions.set(name, versions);
    }
    return versions;
  }

  async #fingerprint(path: StoragePath): Promise<string | undefined> {
    try {
      return await this.#options.storage.fingerprint?.(path);
    } catch {
      // The version is aspired all the same: its load reports the problem.
      return undefined;
    }
  }
}
