import { describe, expect, it } from 'vitest';
import { encodeConfigProto } from './config-proto.js';

describe('encodeConfigProto', () => {
  it.each([
    [{}, []],
    [{ intraOpThreads: 0, interOpThreads: 0 }, []],
    [{ intraOpThreads: 2 }, [0x10, 2]],
    [{ intraOpThreads: 300, interOpThreads: 1 }, [0x10, 0xac, 0x02, 0x28, 1]],
    [{ interOpThreads: -1 }, [0x28, ...Array<number>(9).fill(0xff), 1]],
    [{ configProto: Uint8Array.of(0x38, 1) }, [0x38, 1]],
    [{ configProto: Uint8Array.of(0x10, 3, 0x38, 1), intraOpThreads: 2 }, [0x10, 3, 0x38, 1, 0x10, 2]],
  ])('writes %j', (options, bytes) => {
    expect([...encodeConfigProto(options)]).toEqual(bytes);
  });
});
