import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { systemClock } from '@serving/core/extend';
import { describe, expect, it } from 'vitest';
import { limitMemory } from './limit-memory.js';
import { type CgroupFiles, MemoryCgroup } from './memory-cgroup.js';

const PID = 4711;
const LIMIT = 2 ** 20;
const GROUP = `serving-model-${process.pid}-${PID}`;

/** Files by path; a folder is a path of others. Files of a new group appear with it. */
class FakeCgroups implements CgroupFiles {
  readonly files: Map<string, string>;
  readonly folders: string[] = [];

  constructor(files: Readonly<Record<string, string>>) {
    this.files = new Map(Object.entries(files));
  }

  read(path: string): string {
    const text = this.files.get(path);
    if (text === undefined) throw new Error(`ENOENT ${path}`);
    return text;
  }

  write(path: string, text: string): void {
    if (!this.files.has(path)) throw new Error(`EACCES ${path}`);
    this.files.set(path, text);
  }

  makeFolder(path: string): void {
    this.folders.push(path);
    for (const name of ['memory.max', 'cgroup.procs']) this.files.set(`${path}/${name}`, '');
    this.files.set(`${path}/memory.events`, 'low 0\noom 0\noom_kill 0\n');
  }

  removeFolder(path: string): void {
    if (!this.folders.includes(path)) throw new Error(`ENOENT ${path}`);
    this.folders.splice(this.folders.indexOf(path), 1);
  }

  list(path: string): readonly string[] {
    return this.folders
      .filter((folder) => folder.startsWith(`${path}/`))
      .map((folder) => folder.slice(path.length + 1));
  }
}

/** This process in `host`, below the service's own group. */
const delegated = {
  '/proc/self/cgroup': '4:memory:/elsewhere\n0::/app.service/host\n',
  '/sys/fs/cgroup/app.service/cgroup.subtree_control': 'cpu memory pids\n',
  '/sys/fs/cgroup/app.service/host/cgroup.subtree_control': '\n',
};
const PATH = `/sys/fs/cgroup/app.service/${GROUP}`;

describe('a memory limit', () => {
  it('is a control group of the process, which goes with it', () => {
    const files = new FakeCgroups(delegated);
    const end = limitMemory({ pid: PID, kill: () => {} }, LIMIT, systemClock, files);
    expect(files.read(`${PATH}/memory.max`)).toBe(String(LIMIT));
    expect(files.read(`${PATH}/cgroup.procs`)).toBe(String(PID));
    expect(end()).toBeUndefined();
    expect(files.folders).toEqual([]);
  });

  it('tells that the system has ended the process', () => {
    const files = new FakeCgroups(delegated);
    const end = limitMemory({ pid: PID, kill: () => {} }, LIMIT, systemClock, files);
    files.write(`${PATH}/memory.events`, 'low 0\noom 3\noom_kill 1\n');
    expect(end()).toBe('it held more memory than it may (memoryLimitBytes is 1048576)');
  });

  it.each([
    ['without cgroup v2', { '/proc/self/cgroup': '4:memory:/elsewhere\n' }],
    ['without such files', {}],
    ['where memory is not controlled', { ...delegated, '/sys/fs/cgroup/app.service/cgroup.subtree_control': 'cpu\n' }],
    [
      "beside other services of the system's",
      {
        '/proc/self/cgroup': '0::/system.slice/app.service',
        '/sys/fs/cgroup/system.slice/cgroup.subtree_control': 'memory',
      },
    ],
  ])('is watched %s', async (_, files) => {
    const cgroups = new FakeCgroups(files);
    const atOnce = { ...systemClock, setTimer: (callback: () => void) => systemClock.setTimer(callback, 0) };
    const reason = await new Promise<string>((kill) => {
      limitMemory({ pid: process.pid, kill }, 1, atOnce, cgroups);
    });
    expect(reason).toMatch(/^it held \d+ bytes of memory \(memoryLimitBytes is 1\)$/);
    expect(cgroups.folders).toEqual([]);
  });

  it('removes a group whose process it could not take', () => {
    const files = new FakeCgroups(delegated);
    files.write = (path) => {
      if (path.endsWith('cgroup.procs')) throw new Error('EBUSY');
    };
    expect(MemoryCgroup.create(PID, LIMIT, files)).toBeUndefined();
    expect(files.folders).toEqual([]);
  });

  it('removes groups that a host has left which was killed, and no others', () => {
    const files = new FakeCgroups({ ...delegated, '/proc/12/stat': '12 (node) S' });
    const left = ['serving-model-11-1', 'serving-model-12-1', 'other'].map(
      (name) => `/sys/fs/cgroup/app.service/${name}`,
    );
    files.folders.push(...left);
    expect(MemoryCgroup.create(PID, LIMIT, files)).toBeDefined();
    expect(files.folders).toEqual([...left.slice(1), PATH]);
  });

  it('ends a process that takes more than it may, as this system allows', async () => {
    const takes = 'const held = []; setInterval(() => held.push(Buffer.alloc(2 ** 24, 1)), 1)';
    const child = spawn(process.execPath, ['-e', takes], { stdio: 'ignore' });
    let killedFor: string | undefined;
    const kill = (reason: string): void => {
      killedFor = reason;
      child.kill('SIGKILL');
    };
    const end = limitMemory({ pid: child.pid, kill }, 2 ** 28, systemClock);
    const [, signal] = await once(child, 'exit');
    expect(signal).toBe('SIGKILL');
    expect(end() ?? killedFor).toMatch(/^it held .* \(memoryLimitBytes is 268435456\)$/);
  });
});
