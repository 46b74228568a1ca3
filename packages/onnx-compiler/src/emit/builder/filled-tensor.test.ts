import { describe, expect, it } from 'vitest';
import { filledTensor } from './filled-tensor.js';

describe('filledTensor', () => {
  it.each([
    ['float', 1.5, Float32Array.of(1.5, 1.5)],
    ['half', 1, Uint16Array.of(0x3c00, 0x3c00)],
    ['int64', 7, BigInt64Array.of(7n, 7n)],
    ['bool', 1, Uint8Array.of(1, 1)],
  ] as const)('holds a number of dtype %s in each place', (dtype, value, data) => {
    expect(filledTensor(dtype, [2], value)).toEqual({ dtype, shape: [2], data });
  });

  it.each(['string', 'variant', 'resource'] as const)('refuses dtype %s', (dtype) => {
    expect(() => filledTensor(dtype, [], 0)).toThrow(
      expect.objectContaining({ code: 'UNIMPLEMENTED', message: `no numbers of dtype ${dtype}` }),
    );
  });
});
