/** Watches base paths and wishes for the versions in them (TensorFlow Serving's `sources/storage_path`). */
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

/** How one look at one base path went. */
export type PollOutcome =
  /** These versions were wished for, at least one. */
  | { readonly kind: 'found'; readonly versions: readonly number[]; readonly warnings: readonly string[] }
  /** There is none, and the empty wish unloads what there was. */
  | { readonly kind: 'none'; readonly reason: string; readonly warnings: readonly string[] }
  /** The base path is missing or unreadable. Nothing was wished for; what is loaded stays. */
  | { readonly kind: 'failed'; readonly error: ServingError };

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
  readonly #polls = new Map<string, Promise<void>>();
  #callback: AspiredVersionsCallback<StoragePath> | undefined;
  #cancelTimer: (() => void) | undefined;
  #isClosed = false;

  constructor(options: FileSystemStoragePathSourceOptions) {
    this.#options = options;
  }

  setAspiredVersionsCallback(callback: AspiredVersionsCallback<StoragePath>): void {
    this.#callback = callback;
    if (this.#options.fileSystemPollWaitSeconds >= 0) this.#startRound();
  }

  /** Looks at every base path now, or joins the look that is under way. Resolves after the wishes. */
  async poll(): Promise<void> {
    if (this.#isClosed) return;
    await Promise.all(this.#options.servables.map((servable) => this.#pollOnce(servable)));
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
    const { servableName } = servable;
    const underWay = this.#polls.get(servableName);
    if (underWay !== undefined) return underWay;
    const poll = this.#look(servable).finally(() => this.#polls.delete(servableName));
    this.#polls.set(servableName, poll);
    return poll;
  }

  async #look(servable: MonitoredServable): Promise<void> {
    const { servableName, basePath } = servable;
    let found: VersionListing;
    try {
      found = await this.#find(servable);
    } catch (reason) {
      const { code, message } = ServingError.from(reason, 'UNAVAILABLE');
      const error = new ServingError(
        'INVALID_ARGUMENT',
        `Could not find base path ${basePath} for servable ${servableName} with error ${code}: ${message}`,
        { cause: reason },
      );
      if (!this.#isClosed) this.#options.onPolled?.(servableName, { kind: 'failed', error });
      return;
    }
    if (this.#isClosed) return;
    const { folders, warnings } = found;
    this.#callback?.(
      servableName,
      folders.map(({ name, version }) => ({
        id: { name: servableName, version },
        data: this.#options.storage.join(basePath, name),
      })),
    );
    const versions = folders.map(({ version }) => version);
    this.#options.onPolled?.(
      servableName,
      versions.length > 0
        ? { kind: 'found', versions, warnings }
        : { kind: 'none', reason: noneReason(servable), warnings },
    );
  }

  async #find({ basePath, versionPolicy }: MonitoredServable): Promise<VersionListing> {
    const { storage } = this.#options;
    return selectVersions(versionPolicy, listVersions(await storage.listChildren(basePath)));
  }
}

function noneReason({ servableName, basePath, versionPolicy }: MonitoredServable): string {
  if (!('specific' in versionPolicy)) {
    return `Unable to find a numerical version path for servable ${servableName} at: ${basePath}`;
  }
  const versions = versionPolicy.specific.versions.join(', ') || '(none)';
  return `Unable to find the versions ${versions} that the version policy of servable ${servableName} lists at: ${basePath}`;
}
