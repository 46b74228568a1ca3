import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { HeaderBlocks } from './header-blocks.js';
import { encodeLiterals, type HeaderFields, WITH_INDEXING } from './hpack/hpack-encoder.js';
import type { RequestHeaders } from './request-headers.js';

const call = (path: string): HeaderFields => [
  [':method', 'POST'],
  [':scheme', 'http'],
  [':path', path],
];

function request(blocks: HeaderBlocks, bytes: Buffer): RequestHeaders | string {
  return blocks.request({ bytes, start: 0, end: bytes.length });
}

describe('HeaderBlocks', () => {
  it('knows a block again that has the same bytes', () => {
    const blocks = new HeaderBlocks();
    const bytes = encodeLiterals(call('/a'));
    const first = request(blocks, bytes);
    expect(first).toMatchObject({ path: '/a' });
    expect(request(blocks, Buffer.from(bytes))).toBe(first);
  });

  it('reads it again once the table of headers has changed, as it may mean something else', () => {
    const blocks = new HeaderBlocks();
    const newest = Buffer.of(0x80 | 62, 0x80 | 63, 0x80 | 64);
    request(blocks, encodeLiterals(call('/a'), WITH_INDEXING));
    const reordered = Buffer.of(0x80 | 64, 0x80 | 63, 0x80 | 62);
    expect(request(blocks, reordered)).toMatchObject({ path: '/a' });
    request(blocks, encodeLiterals(call('/b'), WITH_INDEXING));
    expect(request(blocks, reordered)).toMatchObject({ path: '/b' });
    expect(request(blocks, newest)).toMatchObject({ path: '/b' });
  });

  it('says the same as one that remembers nothing, for any blocks', () => {
    const step = fc.record({ path: fc.nat(9), isRemembered: fc.boolean() });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const blocks = new HeaderBlocks();
        for (const { path, isRemembered } of steps) {
          const bytes = encodeLiterals(call(`/${path}`), isRemembered ? WITH_INDEXING : undefined);
          expect(request(blocks, bytes)).toMatchObject({ path: `/${path}` });
        }
      }),
    );
  });
});
