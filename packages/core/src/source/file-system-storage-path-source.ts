/** Polls base paths and emits the aspired versions in them (TensorFlow Serving's `sources/storage_path`). */
import { isDeepStrictEqual } from 'node:util';
import type { Clock } from '../clock.js';
import { quoteName } from '../printable-text.js';
import type { ServableData } from '../servable/servable-data.js';
import type { ServableId } from '../servable/servable-id.js';
import type { Version } from '../servable/version.js';
import { ServingError } from '../serving-error.js';
import { basePathHint, fileAsBasePathHint, folderOfModelsHint, modelFileIn } from './model-folder-hint.js';
import { modelsBelow } from './models-below.js';
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
  /** Whether a base path without version folders that holds a model itself is version 1. Default: false. */
  readonly unversionedBasePath?: boolean;
}

/**
 * The result of one poll of one base path.
 *
 * * `found`: `versions`, at least one, were aspired.
 * * `none`: there are none, and the empty list unloads what was loaded.
 * * `failed`: the base path is missing or unreadable, or it has no versions although `servableVersionsAlwaysPresent` is set.
 *   No aspired versions were emitted; what is loaded stays.
 */
export interface PollOutcome {
  readonly kind: 'found' | 'none' | 'failed';
  readonly versions: readonly Version[];
  /** Differences from the configuration, each with the model; the main reason first. */
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
   * Whether a model always has versions: a poll that finds none for it is then taken for a mistake, and unloads nothing.
   * Default: false, and the last version's deletion unloads it.
   */
  readonly servableVersionsAlwaysPresent?: boolean;
  /**
   * Whether the last attempt to load a version failed. Such a version, once its content has changed, is aspired with a new revision,
   * so that a version whose files were still arriving ends up served. Needs a storage with fingerprints.
   */
  readonly hasFailed?: (id: ServableId) => boolean;
  /** Called after each poll. */
  readonly onPolled?: (servableName: string, outcome: PollOutcome) => void;
}

/**
 * Polls begin when the callback is set. Base paths are polled side by side, each by itself: one that can't be read, or
 * hangs, keeps no other model from being seen, and unloads nothing.
 */
export class FileSystemStoragePathSource implements Source<StoragePath> {
  readonly #options: FileSystemStoragePathSourceOptions;
  readonly #polls = new Map<MonitoredServable, Promise<void>>();
  readonly #revisions: VersionRevisions | undefined;
  /** The last listings, for polls that find nothing changed. */
  readonly #listings = new Map<MonitoredServable, TaggedListing>();
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
   * Lists every base path now, or those of `servableNames`, or joins the poll in flight. Resolves when the aspired versions are
   * emitted. A version that has failed is tried again if its content has changed; a look by the timer waits in addition
   * until it changes no more.
   */
  async poll(servableNames: Iterable<string> = this.#servables.keys()): Promise<void> {
    await this.#poll(servableNames, { isQuiet: false });
  }

  /**
   * What `servableVersionsAlwaysPresent` and TensorFlow Serving's `fail_if_zero_versions_at_startup` ask before a
   * configuration is accepted. Emits nothing.
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
        if (listing.folders.length === 0) throw await this.#nothingFound(servable, listing);
      }),
    );
  }

  /**
   * Changes what is watched. Servables that are no longer listed get an empty list of aspired versions before this returns; new and changed
   * ones are read by the next poll, and what a poll in flight finds for their old settings is dropped. Nothing
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
    for (const [name, servable] of before) {
      if (this.#servables.get(name) !== servable) this.#listings.delete(servable);
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
    const polls: Promise<void>[] = [];
    for (const name of servableNames) {
      const servable = this.#servables.get(name);
      if (servable) polls.push(this.#pollOnce(servable, look));
    }
    await Promise.all(polls);
  }

  #pollOnce(servable: MonitoredServable, look: Look): Promise<void> {
    const inFlight = this.#polls.get(servable);
    if (inFlight !== undefined) return inFlight;
    const poll = this.#look(servable, look).finally(() => this.#polls.delete(servable));
    this.#polls.set(servable, poll);
    return poll;
  }

  async #look(servable: MonitoredServable, look: Look): Promise<void> {
    const last = look.isQuiet ? this.#listingOf(servable) : undefined;
    const tag = await this.#tagOf(servable);
    // The names are unchanged: the same aspired versions need not be emitted again.
    if (last !== undefined && last.tag === tag) return;
    const outcome = await this.#find(servable).then(
      (listing) => this.#aspire(servable, listing, look),
      (reason: unknown): PollOutcome => ({ kind: 'failed', versions: [], problems: [baseNotFound(servable, reason)] }),
    );
    if (!this.#isWatched(servable)) return;
    if (tag !== undefined && outcome.kind === 'found')
      this.#listings.set(servable, { tag, versions: outcome.versions });
    else this.#listings.delete(servable);
    this.#options.onPolled?.(servable.servableName, outcome);
  }

  /** The last listing of a base path, if a poll may rely on it: there is a tag, and no version has failed since. */
  #listingOf(servable: MonitoredServable): TaggedListing | undefined {
    const { hasFailed } = this.#options;
    const listing = this.#listings.get(servable);
    for (const version of listing?.versions ?? []) {
      if (hasFailed?.({ name: servable.servableName, version })) return undefined;
    }
    return listing;
  }

  /** To be asked before the folder is listed, so that a change in between is seen by the next poll. */
  #tagOf({ basePath }: MonitoredServable): Promise<string | undefined> | undefined {
    const { storage, hasFailed } = this.#options;
    // The listing reports why a folder can't be read.
    return hasFailed && storage.listingTag?.(basePath).catch(() => undefined);
  }

  /** Not closed, and not changed since its poll began. */
  #isWatched(servable: MonitoredServable): boolean {
    return !this.#isClosed && this.#servables.get(servable.servableName) === servable;
  }

  async #find({ basePath, versionPolicy, unversionedBasePath }: MonitoredServable): Promise<Found> {
    const children = await this.#options.storage.listChildren(basePath);
    const listed = listVersions(children);
    const isVersion = unversionedBasePath && listed.folders.length === 0 && modelFileIn(children) !== undefined;
    const present = isVersion ? { ...listed, folders: [BASE_PATH_ITSELF] } : listed;
    return { ...selectVersions(versionPolicy, present), children, present };
  }

  async #aspire(servable: MonitoredServable, found: Found, look: Look): Promise<PollOutcome> {
    const { folders, warnings } = found;
    const { servableName } = servable;
    const problems = warnings.map(
      (text) => new ServingError('INVALID_ARGUMENT', `Model ${quoteName(servableName)}: ${text}`),
    );
    const versions = folders.map(({ version }) => version);
    if (folders.length === 0 && this.#options.servableVersionsAlwaysPresent && !wantsNone(servable)) {
      const { code, message, hint } = await this.#nothingFound(servable, found);
      const refused = new ServingError(code, `${message}; what is loaded is not unloaded`, { hint });
      return { kind: 'failed', versions, problems: [refused, ...problems] };
    }
    const items = this.#revisions
      ? await Promise.all(folders.map((folder) => this.#itemWithRevision(servable, folder, look)))
      : folders.map((folder) => this.#item(servable, folder));
    if (this.#isWatched(servable)) {
      this.#revisions?.keepOnly(servableName, versions);
      this.#callback?.(servableName, items);
    }
    if (items.length === 0) {
      return { kind: 'none', versions, problems: [await this.#nothingFound(servable, found), ...problems] };
    }
    return { kind: 'found', versions, problems };
  }

  async #nothingFound(servable: MonitoredServable, { children, present }: Found): Promise<ServingError> {
    const { servableName, basePath, versionPolicy } = servable;
    const what =
      'specific' in versionPolicy
        ? `any of the versions [${versionPolicy.specific.versions.join(', ')}] of the version policy`
        : 'a numerical version path';
    const hint =
      present.folders.length > 0
        ? `Versions there: ${present.folders.map(({ version }) => version).join(', ')}`
        : await this.#unversionedHint(basePath, children);
    return ServingError.notFound(`Unable to find ${what} for servable ${servableName} at: ${basePath}`, { hint });
  }

  async #unversionedHint(basePath: StoragePath, children: readonly string[]): Promise<string> {
    const isModel = modelFileIn(children) !== undefined;
    const [first, ...others] = isModel ? [] : await modelsBelow(this.#options.storage, basePath, children);
    return first === undefined ? basePathHint(basePath, children) : folderOfModelsHint(basePath, [first, ...others]);
  }

  #item({ servableName, basePath }: MonitoredServable, { name, version }: VersionFolder): Item {
    const data = name === BASE_PATH_ITSELF.name ? basePath : this.#options.storage.join(basePath, name);
    return { id: { name: servableName, version }, data };
  }

  async #itemWithRevision(servable: MonitoredServable, folder: VersionFolder, look: Look): Promise<Item> {
    const item = this.#item(servable, folder);
    const revision = await this.#revisions?.of(item.id, item.data, look);
    return revision === undefined ? item : { ...item, revision };
  }
}

/** A base path that is a version. */
const BASE_PATH_ITSELF: VersionFolder = { name: '', version: 1 };

/** The wanted versions, and what they were chosen from. */
interface Found extends VersionListing {
  readonly children: readonly string[];
  readonly present: VersionListing;
}

/** What a poll found, by the tag of the folder just before. */
interface TaggedListing {
  readonly tag: string;
  readonly versions: readonly Version[];
}

type Item = Extract<ServableData<StoragePath>, { data: StoragePath }>;

/** `isQuiet`: whether a version that has failed is left alone until its content changes no more. */
interface Look {
  readonly isQuiet: boolean;
}

/** A list of no versions aspires the unload of all. */
function wantsNone({ versionPolicy }: MonitoredServable): boolean {
  return 'specific' in versionPolicy && versionPolicy.specific.versions.length === 0;
}

function byName(servables: readonly MonitoredServable[]): ReadonlyMap<string, MonitoredServable> {
  return new Map(servables.map((servable) => [servable.servableName, servable]));
}

/** The code is that of the model's status, whatever keeps the folder from being read; what that is stands in the text. */
function baseNotFound({ servableName, basePath }: MonitoredServable, reason: unknown): ServingError {
  const { code, message, hint } = ServingError.from(reason, 'UNAVAILABLE');
  return new ServingError(
    'NOT_FOUND',
    `Could not find base path ${basePath} for servable ${servableName} with error ${code}: ${message}`,
    { cause: reason, hint: code === 'FAILED_PRECONDITION' ? fileAsBasePathHint(basePath) : hint },
  );
}
