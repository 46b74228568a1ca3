/** Watches base paths and wishes for the versions in them (TensorFlow Serving's `sources/storage_path`). */
import { isDeepStrictEqual } from 'node:util';
import type { Clock } from '../clock.js';
import { quoteName } from '../printable-text.js';
import type { ServableData } from '../servable/servable-data.js';
import type { ServableId } from '../servable/servable-id.js';
import type { Version } from '../servable/version.js';
import { ServingError } from '../serving-error.js';
import type { AspiredVersionsCallback, Source } from './source.js';
import type { Storage } from './storage.js';
import type { StoragePath } from './storage-path.js';
import {
  listVersions,
  selectVersions,
  type VersionFolder,
  type VersionListing,
  type VersionPolicy,
} from './version-policy.js';
import { VersionRevisions } from './version-revisions.js';

/** A model to watch. */
export interface MonitoredServable {
  readonly servableName: string;
  readonly basePath: StoragePath;
  readonly versionPolicy: VersionPolicy;
}

/**
 * How one look at one base path went.
 *
 * * `found`: `versions`, at least one, were wished for.
 * * `none`: there is none, and the empty wish unloads what there was.
 * * `failed`: the base path is missing or unreadable, or there is no version although versions are always present.
 *   Nothing was wished for; what is loaded stays.
 */
export interface PollOutcome {
  readonly kind: 'found' | 'none' | 'failed';
  readonly versions: readonly Version[];
  /** What is not as the configuration says, each naming the model; the main reason first. */
  readonly problems: readonly ServingError[];
}

/** Milliseconds from one poll to the next, after a first poll at once; `'once'`: the first alone; `false`: none but by `poll`. */
export type PollInterval = number | 'once' | false;

/** What to watch, where and how often. */
export interface FileSystemStoragePathSourceOptions {
  readonly servables: readonly MonitoredServable[];
  readonly storage: Storage;
  readonly clock: Clock;
  readonly pollIntervalMs: PollInterval;
  /**
   * Whether a model always has versions: a look that finds none for it is then taken for a mistake, and unloads nothing.
   * Default: false, and the last version's deletion unloads it.
   */
  readonly servableVersionsAlwaysPresent?: boolean;
  /**
   * Whether the last attempt to load a version failed. One of which this is true, and whose content has changed since, is wished
   * for with a new revision, so that a version whose files were still arriving ends up served. Needs a storage with fingerprints.
   */
  readonly hasFailed?: (id: ServableId) => boolean;
  /** Told after the wish of each poll. */
  readonly onPolled?: (servableName: string, outcome: PollOutcome) => void;
}

/**
 * Polls begin when the callback is set. Base paths are looked at side by side, each by itself: one that can't be read, or
 * hangs, keeps no other model from being seen, and unloads nothing.
 */
export class FileSystemStoragePathSource implements Source<StoragePath> {
  readonly #options: FileSystemStoragePathSourceOptions;
  readonly #polls = new Map<MonitoredServable, Promise<void>>();
  readonly #revisions: VersionRevisions | undefined;
  #servables: ReadonlyMap<string, MonitoredServable>;
  #callback: AspiredVersionsCallback<StoragePath> | undefined;
  #cancelTimer: (() => void) | undefined;
  #isClosed = false;

  constructor(options: FileSystemStoragePathSourceOptions) {
    const { storage, hasFailed } = options;
    this.#options = options;
    this.#servables = byName(options.servables);
    if (hasFailed && storage.fingerprint) this.#revisions = new VersionRevisions({ storage, hasFailed });
  }

  setAspiredVersionsCallback(callback: AspiredVersionsCallback<StoragePath>): void {
    this.#callback = callback;
    if (this.#options.pollIntervalMs !== false) this.#startRound();
  }

  /**
   * Looks at every base path now, or at those of `servableNames`, or joins the look that is under way. Resolves after the
   * wishes. A version that has failed is tried again if its content has changed; a look by the timer waits in addition
   * until it changes no more.
   */
  async poll(servableNames: Iterable<string> = this.#servables.keys()): Promise<void> {
    await this.#poll(servableNames, { isQuiet: false });
  }

  /**
   * What `servableVersionsAlwaysPresent` and TensorFlow Serving's `fail_if_zero_versions_at_startup` ask before a
   * configuration is taken. Wishes for nothing.
   *
   * @throws ServingError `NOT_FOUND` for the first servable without versions: "Unable to find …", or "Could not find base path
   * …".
   */
  async checkVersionsPresent(servables: Iterable<MonitoredServable> = this.#servables.values()): Promise<void> {
    await Promise.all(
      Array.from(servables, async (servable) => {
        const listing = await this.#find(servable).catch((reason: unknown) => {
          throw baseNotFound(servable, reason);
        });
        if (listing.folders.length === 0) throw nothingFound(servable);
      }),
    );
  }

  /**
   * Changes what is watched. Servables that are no longer listed get an empty wish before this returns; new and changed
   * ones are looked at by the next poll, and what a look under way finds for their old settings is dropped. Nothing
   * happens to those that are as they were.
   */
  updateServables(servables: readonly MonitoredServable[]): void {
    if (this.#isClosed) return;
    const before = this.#servables;
    this.#servables = byName(
      servables.map((servable) => {
        const known = before.get(servable.servableName);
        return known && isDeepStrictEqual(known, servable) ? known : servable;
      }),
    );
    for (const name of before.keys()) {
      if (this.#servables.has(name)) continue;
      this.#revisions?.keepOnly(name, []);
      this.#callback?.(name, []);
    }
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    this.#cancelTimer?.();
    await Promise.all(this.#polls.values());
  }

  #startRound(): void {
    const { clock, pollIntervalMs } = this.#options;
    void this.#poll(this.#servables.keys(), { isQuiet: true });
    if (typeof pollIntervalMs === 'number') {
      this.#cancelTimer = clock.setTimer(() => this.#startRound(), pollIntervalMs);
    }
  }

  async #poll(servableNames: Iterable<string>, look: Look): Promise<void> {
    if (this.#isClosed) return;
    const servables = Array.from(servableNames, (name) => this.#servables.get(name) ?? []).flat();
    await Promise.all(servables.map((servable) => this.#pollOnce(servable, look)));
  }

  #pollOnce(servable: MonitoredServable, look: Look): Promise<void> {
    const underWay = this.#polls.get(servable);
    if (underWay !== undefined) return underWay;
    const poll = this.#look(servable, look).finally(() => this.#polls.delete(servable));
    this.#polls.set(servable, poll);
    return poll;
  }

  async #look(servable: MonitoredServable, look: Look): Promise<void> {
    const outcome = await this.#find(servable).then(
      (listing) => this.#wish(servable, listing, look),
      (reason: unknown): PollOutcome => ({ kind: 'failed', versions: [], problems: [baseNotFound(servable, reason)] }),
    );
    if (this.#isWatched(servable)) this.#options.onPolled?.(servable.servableName, outcome);
  }

  /** Not closed, and not changed since the look at it began. */
  #isWatched(servable: MonitoredServable): boolean {
    return !this.#isClosed && this.#servables.get(servable.servableName) === servable;
  }

  async #find({ basePath, versionPolicy }: MonitoredServable): Promise<VersionListing> {
    const { storage } = this.#options;
    return selectVersions(versionPolicy, listVersions(await storage.listChildren(basePath)));
  }

  async #wish(servable: MonitoredServable, { folders, warnings }: VersionListing, look: Look): Promise<PollOutcome> {
    const { servableName } = servable;
    const problems = warnings.map(
      (text) => new ServingError('INVALID_ARGUMENT', `Model ${quoteName(servableName)}: ${text}`),
    );
    const versions = folders.map(({ version }) => version);
    if (folders.length === 0 && this.#options.servableVersionsAlwaysPresent && !wantsNone(servable)) {
      const missing = nothingFound(servable);
      const refused = new ServingError(missing.code, `${missing.message}; what is loaded is not unloaded`);
      return { kind: 'failed', versions, problems: [refused, ...problems] };
    }
    const items = this.#revisions
      ? await Promise.all(folders.map((folder) => this.#itemWithRevision(servable, folder, look)))
      : folders.map((folder) => this.#item(servable, folder));
    if (this.#isWatched(servable)) {
      this.#revisions?.keepOnly(servableName, versions);
      this.#callback?.(servableName, items);
    }
    if (items.length === 0) return { kind: 'none', versions, problems: [nothingFound(servable), ...problems] };
    return { kind: 'found', versions, problems };
  }

  #item({ servableName, basePath }: MonitoredServable, { name, version }: VersionFolder): Item {
    return { id: { name: servableName, version }, data: this.#options.storage.join(basePath, name) };
  }

  async #itemWithRevision(servable: MonitoredServable, folder: VersionFolder, look: Look): Promise<Item> {
    const item = this.#item(servable, folder);
    const revision = await this.#revisions?.of(item.id, item.data, look);
    return revision === undefined ? item : { ...item, revision };
  }
}

type Item = Extract<ServableData<StoragePath>, { data: StoragePath }>;

/** `isQuiet`: whether a version that has failed is left alone until its content changes no more. */
interface Look {
  readonly isQuiet: boolean;
}

/** A list of no versions asks for the unload of all. */
function wantsNone({ versionPolicy }: MonitoredServable): boolean {
  return 'specific' in versionPolicy && versionPolicy.specific.versions.length === 0;
}

function byName(servables: readonly MonitoredServable[]): ReadonlyMap<string, MonitoredServable> {
  return new Map(servables.map((servable) => [servable.servableName, servable]));
}

/** The code is that of the model's status, whatever keeps the folder from being read; what that is stands in the text. */
function baseNotFound({ servableName, basePath }: MonitoredServable, reason: unknown): ServingError {
  const { code, message } = ServingError.from(reason, 'UNAVAILABLE');
  return new ServingError(
    'NOT_FOUND',
    `Could not find base path ${basePath} for servable ${servableName} with error ${code}: ${message}`,
    { cause: reason },
  );
}

function nothingFound({ servableName, basePath, versionPolicy }: MonitoredServable): ServingError {
  const what =
    'specific' in versionPolicy
      ? `any of the versions [${versionPolicy.specific.versions.join(', ')}] of the version policy`
      : 'a numerical version path';
  return ServingError.notFound(`Unable to find ${what} for servable ${servableName} at: ${basePath}`, {
    hint: `Each version is a folder named by its number, such as ${basePath}/1`,
  });
}
