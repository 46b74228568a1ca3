import { describe, expect, it } from 'vitest';
import { findOtherTensorFlow } from './loaded-libraries.js';

const line = (path: string): string => `7f1c2000-7f1c3000 r-xp 00000000 08:01 1234   ${path}\n`;

describe('findOtherTensorFlow', () => {
  it('finds a library of another folder', () => {
    const maps = line('/usr/lib/libc.so.6') + line('/opt/b/libtensorflow_framework.so.2') + line('[heap]');
    expect(findOtherTensorFlow(maps, ['/opt/a'])).toBe('/opt/b/libtensorflow_framework.so.2');
  });

  it('knows the numbers that libraries are installed under', () => {
    expect(findOtherTensorFlow(line('/opt/b/libtensorflow.so.2.9.1'), ['/opt/a'])).toBe(
      '/opt/b/libtensorflow.so.2.9.1',
    );
  });

  it('takes libraries of the same folder for its own', () => {
    const maps = line('/opt/a/libtensorflow_cc.so.2') + line('/opt/a/libtensorflow_framework.so.2');
    expect(findOtherTensorFlow(maps, ['/opt/a'])).toBeUndefined();
  });
});
