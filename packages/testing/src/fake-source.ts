/** A source whose wishes are the test's. */
import { parseVersion } from '@serving/core/extend';
import type { AspiredVersionsCallback, Source } from '@serving/core/lifecycle';

/**
 * Wishes for what {@link FakeSource.aspire} is told, at once; what it was told before it was connected it tells then.
 *
 * @example
 * ```ts
 * const source = new FakeSource<Loader>();
 * connectSourceToTarget(source, manager);
 * source.aspire('digits', { 1: new FakeLoader(one), 2: new FakeLoader(two) });
 * source.aspire('digits', {}); // unload all
 * ```
 */
export class FakeSource<T> implements Source<T> {
  #callback: AspiredVersionsCallback<T> | undefined;
  readonly #early: [streamName: string, versions: Readonly<Record<string, T>>][] = [];
  isClosed = false;

  setAspiredVersionsCallback(callback: AspiredVersionsCallback<T>): void {
    this.#callback = callback;
    for (const [streamName, versions] of this.#early.splice(0)) this.aspire(streamName, versions);
  }

  /** Replaces the wish for a stream: these are its versions, by number, and no others. */
  aspire(streamName: string, versions: Readonly<Record<string, T>>): void {
    if (!this.#callback) {
      this.#early.push([streamName, versions]);
      return;
    }
    const wish = Object.entries(versions).map(([version, data]) => ({
      id: { name: streamName, version: parseVersion(version) },
      data,
    }));
    this.#callback(streamName, wish);
  }

  async close(): Promise<void> {
    this.isClosed = true;
  }
}
