/** The storage of one model: versions come and go, and are damaged. */
import { cp, mkdir, rename, rm, symlink, truncate } from 'node:fs/promises';
import { join } from 'node:path';
import { writeWarmupRecords } from '@serving/savedmodel';
import { fixtureBasePath } from '../fixtures.js';

/** Requests that a version is warmed up with. */
const WARMUP_REQUESTS = 200;
const MODEL_FILE = 'saved_model.pb';

/** Makes the two models that all versions are copies of. */
export async function makeTemplates(root: string): Promise<void> {
  const warmup = JSON.stringify(Array.from({ length: WARMUP_REQUESTS }, (_, x) => ({ inputs: { x: [x] } })));
  for (const [name, version] of [
    ['odd', '123'],
    ['even', '124'],
  ] as const) {
    const folder = templatePath(root, name);
    await cp(join(fixtureBasePath('half_plus_two'), version), folder, { recursive: true });
    await writeWarmupRecords(folder, warmup, 'warmup.json');
  }
}

function templatePath(root: string, name: 'odd' | 'even'): string {
  return join(root, 'templates', name);
}

/** A base path. Versions appear as a whole, unless they are meant not to. */
export class VersionFolders {
  readonly #root: string;
  readonly #basePath: string;
  readonly #aside: string;
  #newest = 0;

  /** @param root has the templates, and the base path by the model's name */
  constructor(root: string, model: string) {
    this.#root = root;
    this.#basePath = join(root, model);
    this.#aside = join(root, 'aside', model);
  }

  /** The version that should be served. */
  get newest(): number {
    return this.#newest;
  }

  async create(): Promise<void> {
    await mkdir(this.#basePath, { recursive: true });
    await mkdir(this.#aside, { recursive: true });
    await this.add();
  }

  /** Adds the next version. Returns its number. */
  async add(): Promise<number> {
    const version = this.#newest + 1;
    await this.#copy(version, join(this.#aside, 'next'));
    await rename(join(this.#aside, 'next'), this.#path(version));
    this.#newest = version;
    return version;
  }

  async remove(version: number): Promise<void> {
    await rm(this.#path(version), { recursive: true });
  }

  /** Adds the folder of the next version with half of its model file. The returned function removes it. */
  async addHalf(): Promise<() => Promise<void>> {
    const version = this.#newest + 1;
    await this.#copy(version, join(this.#aside, 'half'));
    await truncate(join(this.#aside, 'half', MODEL_FILE), 3000);
    await rename(join(this.#aside, 'half'), this.#path(version));
    return () => this.remove(version);
  }

  /** Takes the newest version away, until the returned function is called. */
  hideNewest(): Promise<() => Promise<void>> {
    return this.#hide(this.#path(this.#newest), 'hidden version');
  }

  /** Takes the whole base path away, until the returned function is called. */
  hideAll(): Promise<() => Promise<void>> {
    return this.#hide(this.#basePath, 'hidden');
  }

  /** Makes the newest version's model file unreadable, for every user, until the returned function is called. */
  async spoilNewest(): Promise<() => Promise<void>> {
    const path = join(this.#path(this.#newest), MODEL_FILE);
    const restore = await this.#hide(path, MODEL_FILE);
    await symlink(MODEL_FILE, path);
    return async () => {
      await rm(path);
      await restore();
    };
  }

  async #hide(path: string, name: string): Promise<() => Promise<void>> {
    const hidden = join(this.#aside, name);
    await rename(path, hidden);
    return () => rename(hidden, path);
  }

  #path(version: number): string {
    return join(this.#basePath, String(version));
  }

  async #copy(version: number, path: string): Promise<void> {
    await cp(templatePath(this.#root, version % 2 === 1 ? 'odd' : 'even'), path, { recursive: true });
  }
}
