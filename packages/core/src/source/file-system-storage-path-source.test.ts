import { mkdir, mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Gate } from '../../../testing/src/gate.js';
import { isSettled, ManualClock, settle } from '../../../testing/src/manual-clock.js';
import { FileSystemStoragePathSource, type PollInterval, type PollOutcome } from './file-system-storage-path-source.js';
import { localStorage } from './local-storage.js';
import type { Storage } from './storage.js';
import type { VersionPolicy } from './version-policy.js';

let root: string;
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'source-'));
});
afterEach(() => rm(root, { recursive: true, force: true }));

const addVersions = async (model: string, ...names: string[]): Promise<void> => {
  for (const name of names) await mkdir(join(root, model, name), { recursive: true });
};

function watch(
  models: readonly string[],
  {
    versionPolicy = { latest: { numVersions: 1 } } as VersionPolicy,
    pollIntervalMs = 'once' as PollInterval,
    storage = localStorage,
    servableVersionsAlwaysPresent = false,
  } = {},
) {
  const clock = new ManualClock();
  const aspired: [string, (string | undefined)[]][] = [];
  const outcomes = new Map<string, PollOutcome>();
  const source = new FileSystemStoragePathSource({
    servables: models.map((model) => ({ servableName: model, basePath: join(root, model), versionPolicy })),
    storage,
    clock,
    pollIntervalMs,
    servableVersionsAlwaysPresent,
    onPolled: (name, outcome) => outcomes.set(name, outcome),
  });
  const start = async (): Promise<void> => {
    source.setAspiredVersionsCallback((name, items) => {
      expect(items.every(({ id }) => id.name === name)).toBe(true);
      aspired.push([name, items.map(({ data }) => data)]);
    });
    if (pollIntervalMs !== false) await source.poll();
  };
  return { clock, aspired, outcomes, source, start, take: () => aspired.splice(0) };
}

describe('FileSystemStoragePathSource', () => {
  it('emits the versions of each base path, with their paths', async () => {
    await addVersions('a', '1', '002', 'tmp');
    await addVersions('b', '7');
    await writeFile(join(root, 'b', '8'), 'a file counts like a folder');
    const { start, aspired } = watch(['a', 'b']);
    await start();
    expect(new Map(aspired)).toEqual(
      new Map([
        ['a', [join(root, 'a', '002')]],
        ['b', [join(root, 'b', '8')]],
      ]),
    );
  });

  it('unloads nothing when a base path is missing or unreadable, and keeps watching the others', async () => {
    await addVersions('a', '1');
    await addVersions('b', '1');
    await writeFile(join(root, 'file'), '');
    const { start, source, outcomes, take } = watch(['a', 'b', 'file']);
    await start();
    take();
    await rename(join(root, 'a'), join(root, 'away'));
    await addVersions('b', '2');
    await source.poll();
    expect(take()).toEqual([['b', [join(root, 'b', '2')]]]);
    expect(outcomes.get('a')).toMatchObject({
      kind: 'failed',
      problems: [
        {
          code: 'NOT_FOUND',
          message: `Could not find base path ${join(root, 'a')} for servable a with error NOT_FOUND: ${join(root, 'a')} not found`,
        },
      ],
    });
    expect(outcomes.get('file')?.problems[0]?.message).toContain('FAILED_PRECONDITION');
    await rename(join(root, 'away'), join(root, 'a'));
    await source.poll();
    expect(outcomes.get('a')).toEqual({ kind: 'found', versions: [1], problems: [] });
  });

  it('unloads a model whose versions are deleted while its base path stays', async () => {
    await addVersions('a', '1');
    const { start, source, outcomes, take } = watch(['a']);
    await start();
    take();
    await rm(join(root, 'a', '1'), { recursive: true });
    await source.poll();
    expect(take()).toEqual([['a', []]]);
    expect(outcomes.get('a')).toMatchObject({
      kind: 'none',
      problems: [{ message: `Unable to find a numerical version path for servable a at: ${join(root, 'a')}` }],
    });
  });

  it('unloads nothing for lack of versions when they are always present, but does for a list of none', async () => {
    await addVersions('a', '1');
    const { start, source, outcomes, take } = watch(['a'], { servableVersionsAlwaysPresent: true });
    await start();
    take();
    await rm(join(root, 'a', '1'), { recursive: true });
    await source.poll();
    expect(take()).toEqual([]);
    const message = `Unable to find a numerical version path for servable a at: ${join(root, 'a')}; what is loaded is not unloaded`;
    expect(outcomes.get('a')).toMatchObject({
      kind: 'failed',
      versions: [],
      problems: [{ code: 'NOT_FOUND', message }],
    });
    const none = watch(['a'], {
      servableVersionsAlwaysPresent: true,
      versionPolicy: { specific: { versions: [] } },
    });
    await none.start();
    expect(none.take()).toEqual([['a', []]]);
  });

  it('checks beforehand that every model has versions', async () => {
    await addVersions('a', '1');
    await addVersions('empty', 'tmp');
    await watch(['a']).source.checkVersionsPresent();
    await expect(watch(['a', 'empty']).source.checkVersionsPresent()).rejects.toMatchObject({
      code: 'NOT_FOUND',
      message: `Unable to find a numerical version path for servable empty at: ${join(root, 'empty')}`,
    });
    const { source, take } = watch(['a', 'missing']);
    await expect(source.checkVersionsPresent()).rejects.toMatchObject({
      code: 'NOT_FOUND',
      message: expect.stringContaining(`Could not find base path ${join(root, 'missing')} for servable missing`),
    });
    expect(take()).toEqual([]);
  });

  it('says which versions it missed', async () => {
    await addVersions('a', '1', '9223372036854775808');
    const specific = watch(['a'], { versionPolicy: { specific: { versions: [5, 6] } } });
    await specific.start();
    expect(specific.take()).toEqual([['a', []]]);
    expect(specific.outcomes.get('a')?.problems.map(({ message }) => message)).toEqual([
      `Unable to find any of the versions [5, 6] of the version policy for servable a at: ${join(root, 'a')}`,
      'Model "a": Version 9223372036854775808 is ignored: version numbers are int64',
      'Model "a": Version 5 is wanted but not there',
      'Model "a": Version 6 is wanted but not there',
    ]);
  });

  it.each([
    [2500, 3],
    ['once', 1],
    [false, 0],
  ] as const)('with an interval of %s ms polls %i times in 6 s', async (pollIntervalMs, expected) => {
    let listings = 0;
    const storage: Storage = {
      ...localStorage,
      listChildren: async () => {
        listings += 1;
        return [];
      },
    };
    const { clock, source, start } = watch(['a'], { pollIntervalMs, storage });
    await start();
    await clock.advance(6000);
    expect(listings).toBe(expected);
    await source.close();
    await clock.advance(6000);
    expect(listings).toBe(expected);
    expect(clock.pendingTimers).toBe(0);
  });

  it('sees the other models while one base path hangs, and does not ask for it again meanwhile', async () => {
    const gate = new Gate();
    const listings: string[] = [];
    const storage: Storage = {
      ...localStorage,
      listChildren: async (folder) => {
        listings.push(folder);
        if (folder.endsWith('slow')) await gate.opened;
        return ['1'];
      },
    };
    const { clock, source, start, take } = watch(['slow', 'a'], { pollIntervalMs: 1000, storage });
    const started = start();
    await settle();
    await clock.advance(2000);
    expect(listings.filter((folder) => folder.endsWith('slow'))).toHaveLength(1);
    expect(take().map(([name]) => name)).toEqual(['a', 'a', 'a']);
    expect(await isSettled(started)).toBe(false);
    const closed = source.close();
    gate.open();
    await Promise.all([started, closed]);
    expect(take()).toEqual([]);
  });
});
