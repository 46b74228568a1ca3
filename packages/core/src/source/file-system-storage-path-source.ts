/** Watches base paths and wishes for the versions in them (TensorFlow Serving's `sources/storage_path`). */
import { isDeepStrictEqual } from 'node:util';
import type { Clock } from '../clock.js';
import { ServingError } from '../serving-error.js';
import type { AspiredVersionsCallback, Source } from './source.js';
import type { Storage } from './storage.js';
import type { StoragePath } from './storage-path.js';
import { listVersions, selectVersions, type VersionListing, type VersionPolicy } from './version-policy.js';

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
 * * `failed`: the base path is missing or unreadable. Nothing was wished for; what is loaded stays.
 */
export interface PollOutcome {
  readonly kind: 'found' | 'none' | 'failed';
  readonly versions: readonly number[];
  /** What is not as the configuration says, each naming the model; the main reason first. */
  readonly problems: readonly ServingError[];
}

export interface FileSystemStoragePathSourceOptions {
  readonly servables: readonly MonitoredServable[];
  readonly storage: Storage;
  readonly clock: Clock;
  /** Over 0: a first poll at once and then one per interval. 0: one poll. Negative: none but those asked for. */
  readonly fileSystemPollWaitSeconds: number;
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
  #servables: ReadonlyMap<string, MonitoredServable>;
  #callback: AspiredVersionsCallback<StoragePath> | undefined;
  #cancelTimer: (() => void) | undefined;
  #isClosed = false;

  constructor(options: FileSystemStoragePathSourceOptions) {
    this.#options = options;
    this.#servables = byName(options.servables);
  }

  setAspiredVersionsCallback(callback: AspiredVersionsCallback<StoragePath>): void {
    this.#callback = callback;
    if (this.#options.fileSystemPollWaitSeconds >= 0) this.#startRound();
  }

  /** Looks at every base path now, or at those of `servableNames`, or joins the look that is under way. Resolves after the wishes. */
  async poll(servableNames: Iterable<string> = this.#servables.keys()): Promise<void> {
    if (this.#isClosed) return;
    const servables = Array.from(servableNames, (name) => this.#servables.get(name) ?? []).flat();
    await Promise.all(servables.map((servable) => this.#pollOnce(servable)));
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
      if (!this.#servables.has(name)) this.#callback?.(name, []);
    }
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    this.#cancelTimer?.();
    await Promise.all(this.#polls.values());
  }

  #startRound(): void {
    const { clock, fileSystemPollWaitSeconds } = this.#options;
    void this.poll();
    if (fileSystemPollWaitSeconds > 0) {
      this.#cancelTimer = clock.setTimer(() => this.#startRound(), fileSystemPollWaitSeconds * 1000);
    }
  }

  #pollOnce(servable: MonitoredServable): Promise<void> {
    const underWay = this.#polls.get(servable);
    if (underWay !== undefined) return underWay;
    const poll = this.#look(servable).finally(() => this.#polls.delete(servable));
    this.#polls.set(servable, poll);
    return poll;
  }

  async #look(servable: MonitoredServable): Promise<void> {
    const outcome = await this.#find(servable).then(
      (listing) => this.#wish(servable, listing),
      (reason: unknown) => failed(servable, reason),
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

  #wish(servable: MonitoredServable, { folders, warnings }: VersionListing): PollOutcome {
    const { servableName, basePath } = servable;
    const problems = warnings.map((text) => new ServingError('INVALID_ARGUMENT', `Model ${servableName}: ${text}`));
    const items = folders.map(({ name, version }) => ({
      id: { name: servableName, version },
      data: this.#options.storage.join(basePath, name),
    }));
    if (this.#isWatched(servable)) this.#callback?.(servableName, items);
    if (items.length === 0) return { kind: 'none', versions: [], problems: [nothingFound(servable), ...problems] };
    return { kind: 'found', versions: folders.map(({ version }) => version), problems };
  }
}

function byName(servables: readonly MonitoredServable[]): ReadonlyMap<string, MonitoredServable> {
  return new Map(servables.map((servable) => [servable.servableName, servable]));
}

function failed({ servableName, basePath }: MonitoredServable, reason: unknown): PollOutcome {
  const { code, message } = ServingError.from(reason, 'UNAVAILABLE');
  const error = new ServingError(
    'INVALID_ARGUMENT',
    `Could not find base path ${basePath} for servable ${servableName} with error ${code}: ${message}`,
    { cause: reason },
  );
  return { kind: 'failed', versions: [], problems: [error] };
}

function nothingFound({ servableName, basePath, versionPolicy }: MonitoredServable): ServingError {
  const what =
    'specific' in versionPolicy
      ? `any of the versions [${versionPolicy.specific.versions.join(', ')}] of the version policy`
      : 'a numerical version path';
  return new ServingError('NOT_FOUND', `Unable to find ${what} for servable ${servableName} at: ${basePath}`);
}
