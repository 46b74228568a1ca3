import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { open, unlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { makeFolder } from '@serving/core/extend';
import { describe, expect, it, onTestFinished } from 'vitest';
import { createLogFileOn, type LogFileSystem } from './log-file.js';

const time = new Date(0);

/** A disk with room for some bytes, on a real folder. */
class SmallDisk implements LogFileSystem {
  readonly folder = mkdtempSync(join(tmpdir(), 'log-file-'));
  readonly prefix = join(this.folder, 'm');
  room = 0;
  makeFolder = makeFolder;
  unlink = unlink;

  constructor() {
    onTestFinished(() => rmSync(this.folder, { recursive: true }));
  }

  async create(path: string) {
    const handle = await open(path, 'wx');
    return {
      appendFile: async (data: unknown): Promise<void> => {
        const bytes = data as Uint8Array;
        await handle.appendFile(bytes.subarray(0, this.room));
        if (bytes.length > this.room) throw new Error('ENOSPC');
        this.room -= bytes.length;
      },
      truncate: (size?: number) => handle.truncate(size),
      close: () => handle.close(),
    };
  }
}

describe('createLogFile', () => {
  it('cuts a file to its last whole append when a later one breaks off', async () => {
    const disk = new SmallDisk();
    disk.room = 5;
    const log = await createLogFileOn(disk, disk.prefix, time);
    await log.append(Buffer.from('whole'));
    await expect(log.append(Buffer.from('half'))).rejects.toThrow('ENOSPC');
    disk.room = 2;
    await expect(log.append(Buffer.from('half'))).rejects.toThrow('ENOSPC');
    expect(readFileSync(log.path, 'utf8')).toBe('whole');
    expect(log.size).toBe(5);
    await log.close();
    expect(readFileSync(log.path, 'utf8')).toBe('whole');
  });

  it('leaves no file behind when the disk was full from the start', async () => {
    const disk = new SmallDisk();
    for (const room of [0, 2]) {
      disk.room = room;
      const log = await createLogFileOn(disk, disk.prefix, time);
      await expect(log.append(Buffer.from('half'))).rejects.toThrow('ENOSPC');
      await log.close();
      expect(readdirSync(disk.folder)).toEqual([]);
    }
  });

  it('removes an empty file when it can not be cut or closed either', async () => {
    const disk = new SmallDisk();
    const create = disk.create.bind(disk);
    disk.create = async (path) => {
      const file = await create(path);
      const close = async (): Promise<void> => {
        await file.close();
        throw new Error('EIO');
      };
      return { ...file, truncate: () => Promise.reject(new Error('EIO')), close };
    };
    disk.room = 2;
    const log = await createLogFileOn(disk, disk.prefix, time);
    await expect(log.append(Buffer.from('half'))).rejects.toThrow('ENOSPC');
    await expect(log.close()).rejects.toThrow('EIO');
    expect(readdirSync(disk.folder)).toEqual([]);
  });

  it('gives up where every name is taken', async () => {
    const disk = new SmallDisk();
    let tries = 0;
    disk.create = async () => {
      tries++;
      throw Object.assign(new Error('EEXIST'), { code: 'EEXIST' });
    };
    await expect(createLogFileOn(disk, disk.prefix, time)).rejects.toMatchObject({ code: 'ALREADY_EXISTS' });
    expect(tries).toBe(10_000);
  });

  it('makes no file where the folder can not be made', async () => {
    const disk = new SmallDisk();
    disk.makeFolder = () => Promise.reject(new Error('refused'));
    await expect(createLogFileOn(disk, disk.prefix, time)).rejects.toThrow('refused');
    expect(readdirSync(disk.folder)).toEqual([]);
  });
});
