import { describe, expect, it } from 'vitest';
import { parseTensorName } from './tensor-name.js';

describe('parseTensorName', () => {
  it.each([
    ['x', { operation: 'x', index: 0 }],
    ['x:0', { operation: 'x', index: 0 }],
    ['scope/Op_1:12', { operation: 'scope/Op_1', index: 12 }],
    ['__proto__:1', { operation: '__proto__', index: 1 }],
  ])('reads %s', (name, expected) => {
    expect(parseTensorName(name)).toEqual(expected);
  });

  it.each(['', ':0', '^x', 'x:', 'x:-1', 'x:01', 'x:1:2', 'x:y'])('refuses "%s"', (name) => {
    expect(parseTensorName(name)).toBeUndefined();
  });
});
