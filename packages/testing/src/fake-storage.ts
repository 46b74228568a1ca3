/** A storage in memory. */
import { ServingError, type VersionLike } from '@serving/core';
import type { Storage } from '@serving/core/extend';

/**
 * Folders of versions that a test makes and takes away; base paths are looked up by their whole name. For
 * `ModelServer.start({ storage })`; call `server.poll()` after a change.
 */
export class FakeStorage implements Storage {
  readonly #folders = new Map<string, Set<string>>();
  /** The folders listed so far, oldest first. */
  readonly listed: string[] = [];
  /** Called before each listing; throws, rejects or waits. */
  onList: (folder: string) => Promise<void> | void = () => {};

  /** Makes a folder, or adds versions to it. */
  add(folder: string, ...versions: readonly VersionLike[]): this {
    const children = this.#folders.get(folder) ?? new Set();
    for (const version of versions) children.add(String(version));
    this.#folders.set(folder, children);
    return this;
  }

  /** Takes versions away; the folder stays. */
  remove(folder: string, ...versions: readonly VersionLike[]): this {
    for (const version of versions) this.#folders.get(folder)?.delete(String(version));
    return this;
  }

  async listChildren(folder: string): Promise<readonly string[]> {
    this.listed.push(folder);
    await this.onList(folder);
    const children = this.#folders.get(folder);
    if (!children) throw new ServingError('NOT_FOUND', `${folder} not found`);
    return [...children];
  }

  join(folder: string, child: string): string {
    return `${folder}/${child}`;
  }
}
