import { describe, expect, it } from 'vitest';
import { isSettled } from '../../../testing/src/manual-clock.js';
import { holdAgain, ServingMap } from './serving-map.js';

const id = (version: number, name = 'm') => ({ name, version });

function mapOf(...versions: number[]): ServingMap {
  const map = new ServingMap();
  for (const version of versions) map.add(id(version), `servable ${version}`);
  return map;
}

describe('ServingMap', () => {
  it.each([
    [{ name: 'm' }, 3],
    [{ name: 'm', choice: 'latest' }, 3],
    [{ name: 'm', choice: 'earliest' }, 1],
    [{ name: 'm', version: 2 }, 2],
  ] as const)('finds %o as version %i', (request, version) => {
    using handle = mapOf(2, 3, 1).getServableHandle(request);
    expect(handle).toMatchObject({ id: id(version), servable: `servable ${version}` });
  });

  it.each([
    [{ name: 'other' }, 'Latest(other)'],
    [{ name: 'm', version: 4 }, 'Specific(m, 4)'],
    [{ name: 'other', choice: 'earliest' }, 'Earliest(other)'],
  ] as const)('does not find %o', (request, text) => {
    expect(() => mapOf(1).getServableHandle(request)).toThrow(
      expect.objectContaining({ code: 'NOT_FOUND', message: `Servable not found for request: ${text}` }),
    );
  });

  it('falls back to the next version when the latest is taken out, and to none at last', async () => {
    const map = mapOf(1, 2);
    await map.remove(id(2));
    expect(map.getServableHandle({ name: 'm' }).id.version).toBe(1);
    expect(map.listAvailableServableIds()).toEqual([id(1)]);
    const removed = map.remove(id(1));
    expect(() => map.getServableHandle({ name: 'm' })).toThrow('Servable not found');
    expect(await isSettled(removed)).toBe(false);
  });

  it('waits for the handles of the removed version only', async () => {
    const map = mapOf(1, 2);
    const other = map.getServableHandle({ name: 'm', version: 2 });
    const first = map.getServableHandle({ name: 'm', version: 1 });
    const second = map.getServableHandle({ name: 'm', version: 1 });
    const removed = map.remove(id(1));
    first.release();
    first.release();
    expect(await isSettled(removed)).toBe(false);
    second.release();
    expect(await isSettled(removed)).toBe(true);
    other.release();
  });

  it('counts a second hold by itself', async () => {
    const map = mapOf(1);
    const handle = map.getServableHandle({ name: 'm' });
    const hold = holdAgain(handle);
    const removed = map.remove(id(1));
    handle.release();
    expect(await isSettled(removed)).toBe(false);
    expect(() => holdAgain(handle)).toThrow('A handle to {name: m version: 1} was used after its release');
    hold?.release();
    expect(await isSettled(removed)).toBe(true);
  });

  it('refuses a version twice and the removal of one that is not there', async () => {
    const map = mapOf(1);
    expect(() => map.add(id(1), 'again')).toThrow('{name: m version: 1} is being served already');
    await expect(map.remove(id(2))).rejects.toMatchObject({ code: 'INTERNAL' });
    await expect(map.remove(id(1, 'other'))).rejects.toMatchObject({ code: 'INTERNAL' });
  });
});
