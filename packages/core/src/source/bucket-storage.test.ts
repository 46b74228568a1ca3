import { describe, expect, it } from 'vitest';
import { ServingError } from '../serving-error.js';
import type { Storage } from './storage.js';
import { watchedChain } from './watched-chain.test-support.js';

const SCHEME = 'bucket://';

/** Keys and objects, with no folders but what keys have in common. */
class FakeBucket implements Storage {
  readonly objects = new Map<string, string>();
  isReachable = true;
  listings = 0;

  async listChildren(folder: string): Promise<string[]> {
    this.#checkReachable();
    this.listings += 1;
    const below = this.#keysBelow(folder);
    if (below.length === 0) throw new ServingError('NOT_FOUND', `${folder} has no objects`);
    return below;
  }

  join(folder: string, child: string): string {
    return `${folder}/${child}`;
  }

  async fingerprint(path: string): Promise<string> {
    this.#checkReachable();
    return this.#keysBelow(path).join();
  }

  async read(path: string): Promise<string> {
    this.#checkReachable();
    const object = this.objects.get(`${path.slice(SCHEME.length)}/saved_model.pb`);
    if (object === undefined) throw new ServingError('NOT_FOUND', `${path}/saved_model.pb not found`);
    return object;
  }

  #keysBelow(folder: string): string[] {
    const prefix = `${folder.slice(SCHEME.length)}/`;
    return [...this.objects.keys()].filter((key) => key.startsWith(prefix)).map((key) => key.slice(prefix.length));
  }

  #checkReachable(): void {
    if (!this.isReachable) throw new ServingError('UNAVAILABLE', 'The bucket does not answer');
  }
}

function watch() {
  const bucket = new FakeBucket();
  return { bucket, ...watchedChain(bucket, `${SCHEME}models/m`, (path) => bucket.read(path)) };
}

describe('a bucket behind a base path', () => {
  it('is served from by its keys, new versions and deleted ones', async () => {
    const { bucket, poll, served, close } = watch();
    bucket.objects.set('models/m/1/saved_model.pb', 'one').set('models/m/1/assets/words', '').set('models/n/9/x', '');
    bucket.objects.set('models/m/readme', '');
    await poll();
    expect(served()).toEqual({ 1: 'one' });
    bucket.objects.set('models/m/2/saved_model.pb', 'two');
    await poll();
    expect(served()).toEqual({ 2: 'two' });
    bucket.objects.delete('models/m/2/saved_model.pb');
    await poll();
    expect(served()).toEqual({ 1: 'one' });
    await close();
  });

  it('unloads nothing when it does not answer or has lost its keys, and says so', async () => {
    const { bucket, outcomes, poll, served, close } = watch();
    bucket.objects.set('models/m/1/saved_model.pb', 'one');
    await poll();
    bucket.isReachable = false;
    await poll();
    bucket.isReachable = true;
    bucket.objects.clear();
    await poll();
    expect(served()).toEqual({ 1: 'one' });
    expect(outcomes.slice(1).flatMap(({ problems }) => problems.map(({ message }) => message))).toEqual([
      'Could not find base path bucket://models/m for servable m with error UNAVAILABLE: The bucket does not answer',
      'Could not find base path bucket://models/m for servable m with error NOT_FOUND: bucket://models/m has no objects',
    ]);
    await close();
  });

  it('serves a version whose objects arrive one after the other', async () => {
    const { bucket, poll, served, close } = watch();
    bucket.objects.set('models/m/1/variables/data', '');
    await poll();
    expect(served()).toEqual({});
    bucket.objects.set('models/m/1/saved_model.pb', 'one');
    await poll();
    expect(served()).toEqual({ 1: 'one' });
    await close();
  });

  it('is asked only when told to, with a negative poll interval', async () => {
    const { bucket, clock, close } = watch();
    await clock.advance(3_600_000);
    expect(bucket.listings).toBe(0);
    await close();
  });
});
