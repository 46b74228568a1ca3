import { readdirSync, readlinkSync } from 'node:fs';
import { loadLibc } from '@serving/engine/native';
import { expect, it } from 'vitest';
import { withoutNativeStderr } from './native-stderr.js';

/** Descriptors of the device that takes everything. */
function openNowheres(): number {
  return readdirSync('/proc/self/fd').filter((descriptor) => {
    try {
      return readlinkSync(`/proc/self/fd/${descriptor}`) === '/dev/null';
    } catch {
      return false;
    }
  }).length;
}

it.runIf(process.platform === 'linux')('opens no further descriptor when the library is loaded again', async () => {
  const libc = loadLibc();
  expect(await withoutNativeStderr(libc, async () => 'loaded')).toBe('loaded');
  const before = openNowheres();
  for (let i = 0; i < 3; i++) await withoutNativeStderr(libc, async () => 'again');
  expect(openNowheres()).toBe(before);
});
