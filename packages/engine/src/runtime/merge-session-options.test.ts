import { describe, expect, it } from 'vitest';
import { mergeSessionOptions } from './merge-session-options.js';

describe('mergeSessionOptions', () => {
  it('keeps what the first says', () => {
    const configProto = Uint8Array.of(0x38, 1);
    expect(
      mergeSessionOptions(
        { intraOpParallelismThreads: 1, interOpParallelismThreads: 0 },
        { intraOpParallelismThreads: 2, interOpParallelismThreads: 3, configProto },
      ),
    ).toEqual({ intraOpParallelismThreads: 1, interOpParallelismThreads: 3, configProto });
  });
});
