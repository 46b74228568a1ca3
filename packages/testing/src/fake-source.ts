/** A source that emits the aspired versions of a test. */
import { parseVersion } from '@serving/core/extend';
import type { AspiredVersionsCallback, Source } from '@serving/core/lifecycle';

/**
 * Emits what {@link FakeSource.aspire} gets, at once. What it got before it was connected, it emits then.
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

  /** Replaces the aspired versions of a stream, by number. */
  aspire(streamName: string, versions: Readonly<Record<string, T>>): void {
    if (!this.#callback) {
      this.#early.push([streamName, versions]);
      return;
    }
    const aspired = Object.entries(versions).map(([version, data]) => ({
      id: { name: streamName, version: parseVersion(version) },
      data,
    }));
    this.#callback(streamName, aspired);
  }

  async close(): Promise<void> {
    this.isClosed = true;
  }
}
