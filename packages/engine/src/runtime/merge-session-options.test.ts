import { describe, expect, it } from 'vitest';
import { mergeSessionOptions } from './merge-session-options.js';

describe('mergeSessionOptions', () => {
  it('keeps what the first says', () => {
    const configProto = Uint8Array.of(0x38, 1);
    expect(
      mergeSessionOptions(
        { intraOpThreads: 1, interOpThreads: 0 },
        { intraOpThreads: 2, interOpThreads: 3, configProto },
      ),
    ).toEqual({ intraOpThreads: 1, interOpThreads: 3, configProto });
  });
});
