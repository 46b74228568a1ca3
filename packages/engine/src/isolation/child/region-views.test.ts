import { describe, expect, it, onTestFinished } from 'vitest';
import { loadLibc } from '../../native/libc.js';
import { RegionViews } from './region-views.js';

const libc = loadLibc();

function memory(bytes: number): number {
  const address = libc.malloc(bytes);
  onTestFinished(() => libc.free(address));
  libc.copyIn(
    address,
    Uint8Array.from({ length: bytes }, (_, i) => i),
    bytes,
  );
  return address;
}

describe('RegionViews', () => {
  it('has one array on a block that is used again, and a longer one where it is too short', () => {
    const views = new RegionViews();
    const address = memory(64);
    const first = views.at(address, 16);
    expect([...new Uint8Array(first, 4, 3)]).toEqual([4, 5, 6]);
    expect(views.at(address, 8)).toBe(first);
    const longer = views.at(address, 64);
    expect(longer).not.toBe(first);
    expect(new Uint8Array(longer)[63]).toBe(63);
    libc.copyIn(address, Uint8Array.of(9), 1);
    expect(new Uint8Array(views.at(address, 16))[0]).toBe(9);
  });

  it('keeps a bounded number', () => {
    const views = new RegionViews();
    const address = memory(128);
    const first = views.at(address, 1);
    for (let i = 1; i < 100; i++) views.at(address + i, 1);
    expect(views.at(address, 1)).not.toBe(first);
    expect(new Uint8Array(views.at(address + 7, 1))[0]).toBe(7);
  });
});
