import { describe, expect, it } from 'vitest';
import { acceptedFormat } from './content-negotiation.js';

const json = { contentType: 'application/json' };
const npy = { contentType: 'application/x-npy' };
const raw = { contentType: 'application/octet-stream' };

describe('acceptedFormat', () => {
  it.each([
    [undefined, npy],
    ['*/*', npy],
    ['application/json, text/plain, */*', npy],
    ['application/json', json],
    ['Application/JSON; charset=utf-8', json],
    ['application/json, */*;q=0.5', json],
    ['application/*', npy],
    ['application/x-npy;q=0.1, application/octet-stream;q=0.2', raw],
    ['application/x-npy;q=0, */*', json],
    ['application/octet-stream,application/json', json],
    ['text/html', npy],
    ['application/json;q=nonsense', npy],
    ['', npy],
  ])('%s', (accept, expected) => {
    expect(acceptedFormat(accept, [npy, json, raw])).toBe(expected);
  });
});
