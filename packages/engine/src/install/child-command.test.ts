import type { ChildProcess, spawn } from 'node:child_process';
import { systemClock } from '@serving/core/extend';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { runCommand } from './child-command.js';

const started: ChildProcess[] = [];

vi.mock('node:child_process', async (importOriginal) => {
  const original = await importOriginal<{ spawn: typeof spawn }>();
  return {
    ...original,
    spawn: (...args: Parameters<typeof spawn>) => {
      const child = original.spawn(...args);
      started.push(child);
      return child;
    },
  };
});

beforeEach(() => {
  started.length = 0;
});

describe('runCommand', () => {
  it.each(['stdout', 'stderr'] as const)('fails when it can not read the %s of its command', async (name) => {
    const done = runCommand(process.execPath, ['--eval', ''], { clock: systemClock });
    started[0]![name]!.emit('error', new Error('read EIO'));
    await expect(done).rejects.toMatchObject({
      code: 'UNAVAILABLE',
      message: `The output of ${process.execPath} can't be read: read EIO`,
    });
  });

  it('gives what its command printed', async () => {
    const script = 'console.log(1); console.error(2)';
    const { stdout } = await runCommand(process.execPath, ['--eval', script], { clock: systemClock });
    expect(stdout).toBe('1\n');
  });
});
