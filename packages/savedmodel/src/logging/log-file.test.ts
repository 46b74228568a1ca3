import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { toLogFile } from './log-file.js';

it('cuts a file to its last whole append when a later one breaks off', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'log-file-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const path = join(folder, 'log');
  const handle = await open(path, 'wx');
  let room = 5;
  const log = toLogFile(path, {
    appendFile: async (data) => {
      const bytes = data as Uint8Array;
      await handle.appendFile(bytes.subarray(0, room));
      if (bytes.length > room) throw new Error('ENOSPC');
      room -= bytes.length;
    },
    truncate: (size) => handle.truncate(size),
    close: () => handle.close(),
  });
  await log.append(Buffer.from('whole'));
  await expect(log.append(Buffer.from('half'))).rejects.toThrow('ENOSPC');
  room = 2;
  await expect(log.append(Buffer.from('half'))).rejects.toThrow('ENOSPC');
  expect(readFileSync(path, 'utf8')).toBe('whole');
  expect([log.path, log.size]).toEqual([path, 5]);
  await log.close();
});
