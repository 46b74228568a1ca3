/** A storage whose folders a test makes and takes away. */
import type { VersionLike } from '../servable/version.js';
import { ServingError } from '../serving-error.js';
import type { Storage } from './storage.js';

/** Base paths are looked up by their whole name. Each look can be made to wait. */
export class FakeStorage implements Storage {
  readonly #folders = new Map<string, Set<string>>();
  readonly looks: string[] = [];
  onLook: (folder: string) => Promise<void> | void = () => {};

  add(folder: string, ...versions: readonly VersionLike[]): this {
    const children = this.#folders.get(folder) ?? new Set();
    for (const version of versions) children.add(String(version));
    this.#folders.set(folder, children);
    return this;
  }

  remove(folder: string, version: VersionLike): void {
    this.#folders.get(folder)?.delete(String(version));
  }

  async listChildren(folder: string): Promise<readonly string[]> {
    this.looks.push(folder);
    await this.onLook(folder);
    const children = this.#folders.get(folder);
    if (!children) throw new ServingError('NOT_FOUND', `${folder} not found`);
    return [...children];
  }

  join(folder: string, child: string): string {
    return `${folder}/${child}`;
  }
}
