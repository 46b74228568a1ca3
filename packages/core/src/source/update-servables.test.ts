import { describe, expect, it } from 'vitest';
import { Gate } from '../../../testing/src/gate.js';
import { isSettled, ManualClock } from '../../../testing/src/manual-clock.js';
import { FileSystemStoragePathSource, type MonitoredServable } from './file-system-storage-path-source.js';
import type { Storage } from './storage.js';

const servable = (servableName: string, basePath = `/${servableName}`): MonitoredServable => ({
  servableName,
  basePath,
  versionPolicy: { latest: { numVersions: 1 } },
});

function watch(names: readonly string[], listChildren: Storage['listChildren'] = async () => ['1']) {
  const aspired: [string, (string | undefined)[]][] = [];
  const polled: string[] = [];
  const source = new FileSystemStoragePathSource({
    servables: names.map((name) => servable(name)),
    storage: { listChildren, join: (folder, child) => `${folder}/${child}` },
    clock: new ManualClock(),
    pollIntervalMs: false,
    onPolled: (name) => polled.push(name),
  });
  source.setAspiredVersionsCallback((name, items) => aspired.push([name, items.map(({ data }) => data)]));
  return { source, polled, take: () => aspired.splice(0) };
}

describe('FileSystemStoragePathSource.updateServables', () => {
  it('unloads what is listed no more at once, and sees what is new at the next poll', async () => {
    const { source, take } = watch(['a', 'b']);
    source.updateServables([servable('b'), servable('c')]);
    expect(take()).toEqual([['a', []]]);
    await source.poll();
    expect(take()).toEqual([
      ['b', ['/b/1']],
      ['c', ['/c/1']],
    ]);
  });

  it('polls only those that it is given', async () => {
    const { source, polled } = watch(['a', 'b', 'c']);
    await source.poll(['c', 'a', 'unknown']);
    expect(polled).toEqual(['c', 'a']);
  });

  it('ignores the result of a poll in flight at the old base path', async () => {
    const old = new Gate();
    const { source, polled, take } = watch(['a', 'gone'], async (folder) => {
      if (folder !== '/new') await old.opened;
      return ['1'];
    });
    const first = source.poll();
    source.updateServables([servable('a', '/new')]);
    await source.poll();
    old.open();
    await first;
    expect(take()).toEqual([
      ['gone', []],
      ['a', ['/new/1']],
    ]);
    expect(polled).toEqual(['a']);
  });

  it('keeps a poll in flight for a servable that is listed unchanged', async () => {
    const gate = new Gate();
    let looks = 0;
    const { source, take } = watch(['a'], async () => {
      looks += 1;
      await gate.opened;
      return ['1'];
    });
    const poll = source.poll();
    source.updateServables([servable('a')]);
    const joined = source.poll();
    expect(await isSettled(joined)).toBe(false);
    gate.open();
    await Promise.all([poll, joined]);
    expect(take()).toEqual([['a', ['/a/1']]]);
    expect(looks).toBe(1);
  });

  it('does nothing once it is closed', async () => {
    const { source, take } = watch(['a']);
    await source.close();
    source.updateServables([]);
    expect(take()).toEqual([]);
  });
});
