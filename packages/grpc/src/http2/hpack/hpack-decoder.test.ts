import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { COMPRESSION_ERROR, ConnectionFailure } from '../error-codes.js';
import { HpackDecoder } from './hpack-decoder.js';
import { encodeInteger, encodeLiterals, type HeaderFields, WITH_INDEXING } from './hpack-encoder.js';

const hex = (text: string): Buffer => Buffer.from(text.replaceAll(' ', ''), 'hex');

function decode(decoder: HpackDecoder, block: Buffer): string[] | undefined {
  return decoder.decode(block, 0, block.length);
}

const lines = (list: readonly string[] | undefined): string[] =>
  Array.from({ length: (list?.length ?? 0) / 2 }, (_, i) => `${list![2 * i]}: ${list![2 * i + 1]}`);

const requests = [
  [':method: GET', ':scheme: http', ':path: /', ':authority: www.example.com'],
  [':method: GET', ':scheme: http', ':path: /', ':authority: www.example.com', 'cache-control: no-cache'],
  [':method: GET', ':scheme: https', ':path: /index.html', ':authority: www.example.com', 'custom-key: custom-value'],
];
const common = ['cache-control: private', 'date: Mon, 21 Oct 2013 20:13:21 GMT', 'location: https://www.example.com'];
const responses = [
  [':status: 302', ...common],
  [':status: 307', ...common],
  [
    ':status: 200',
    'cache-control: private',
    'date: Mon, 21 Oct 2013 20:13:22 GMT',
    'location: https://www.example.com',
    'content-encoding: gzip',
    'set-cookie: foo=ASDJKHQKBZXOQWEOPIUAXQWEOIU; max-age=3600; version=1',
  ],
];
/** The table of 256 bytes that the examples of responses have. */
const table256 = Buffer.concat([encodeInteger(256, 0x20, 0x1f)]);

describe('HpackDecoder and the examples of RFC 7541, appendix C', () => {
  it.each<[string, string, string[]]>([
    ['C.2.1', '400a 6375 7374 6f6d 2d6b 6579 0d63 7573 746f 6d2d 6865 6164 6572', ['custom-key: custom-header']],
    ['C.2.2', '040c 2f73 616d 706c 652f 7061 7468', [':path: /sample/path']],
    ['C.2.3', '1008 7061 7373 776f 7264 0673 6563 7265 74', ['password: secret']],
    ['C.2.4', '82', [':method: GET']],
  ])('%s', (_, block, expected) => {
    expect(lines(decode(new HpackDecoder(1000), hex(block)))).toEqual(expected);
  });

  it.each<[string, readonly Buffer[], string[][]]>([
    [
      'C.3: requests',
      [
        hex('8286 8441 0f77 7777 2e65 7861 6d70 6c65 2e63 6f6d'),
        hex('8286 84be 5808 6e6f 2d63 6163 6865'),
        hex('8287 85bf 400a 6375 7374 6f6d 2d6b 6579 0c63 7573 746f 6d2d 7661 6c75 65'),
      ],
      requests,
    ],
    [
      'C.4: requests, Huffman-coded',
      [
        hex('8286 8441 8cf1 e3c2 e5f2 3a6b a0ab 90f4 ff'),
        hex('8286 84be 5886 a8eb 1064 9cbf'),
        hex('8287 85bf 4088 25a8 49e9 5ba9 7d7f 8925 a849 e95b b8e8 b4bf'),
      ],
      requests,
    ],
    [
      'C.5: responses, with evictions',
      [
        Buffer.concat([
          table256,
          hex(
            `4803 3330 3258 0770 7269 7661 7465 611d 4d6f 6e2c 2032 3120 4f63 7420 3230 3133 2032 303a 3133 3a32
            3120 474d 546e 1768 7474 7073 3a2f 2f77 7777 2e65 7861 6d70 6c65 2e63 6f6d`.replaceAll('\n', ''),
          ),
        ]),
        hex('4803 3330 37c1 c0bf'),
        hex(
          `88c1 611d 4d6f 6e2c 2032 3120 4f63 7420 3230 3133 2032 303a 3133 3a32 3220 474d 54c0 5a04 677a 6970
          7738 666f 6f3d 4153 444a 4b48 514b 425a 584f 5157 454f 5049 5541 5851 5745 4f49 553b 206d 6178
          2d61 6765 3d33 3630 303b 2076 6572 7369 6f6e 3d31`.replaceAll('\n', ''),
        ),
      ],
      responses,
    ],
    [
      'C.6: responses, Huffman-coded, with evictions',
      [
        Buffer.concat([
          table256,
          hex(
            `4882 6402 5885 aec3 771a 4b61 96d0 7abe 9410 54d4 44a8 2005 9504 0b81 66e0 82a6 2d1b ff6e 919d
            29ad 1718 63c7 8f0b 97c8 e9ae 82ae 43d3`.replaceAll('\n', ''),
          ),
        ]),
        hex('4883 640e ffc1 c0bf'),
        hex(
          `88c1 6196 d07a be94 1054 d444 a820 0595 040b 8166 e084 a62d 1bff c05a 839b d9ab 77ad 94e7 821d d7f2
          e6c7 b335 dfdf cd5b 3960 d5af 2708 7f36 72c1 ab27 0fb5 291f 9587 3160 65c0 03ed 4ee5 b106 3d50
          07`.replaceAll('\n', ''),
        ),
      ],
      responses,
    ],
  ])('%s', (_, blocks, expected) => {
    const decoder = new HpackDecoder(1000);
    expect(blocks.map((block) => lines(decode(decoder, block)))).toEqual(expected);
  });
});

describe('HpackDecoder', () => {
  it('decodes what the encoder writes', () => {
    const text = (unit: fc.Arbitrary<string>, least: number) => fc.string({ unit, minLength: least, maxLength: 200 });
    const byte = fc.nat(255).map((code) => String.fromCharCode(code));
    const fields = fc.array(fc.tuple(text(byte, 1), text(byte, 0)), { maxLength: 20 });
    fc.assert(
      fc.property(fc.array(fc.tuple(fields, fc.boolean()), { maxLength: 5 }), (blocks) => {
        const decoder = new HpackDecoder(2 ** 20);
        for (const [list, isRemembered] of blocks) {
          const block = encodeLiterals(list as HeaderFields, isRemembered ? WITH_INDEXING : undefined);
          expect(decode(decoder, block)).toEqual(list.flat());
        }
      }),
      { numRuns: 100 },
    );
  });

  it('returns nothing for a list that is too large, but remembers its headers', () => {
    const decoder = new HpackDecoder(100);
    expect(decode(decoder, encodeLiterals([['large', 'x'.repeat(70)]], WITH_INDEXING))).toBeUndefined();
    expect(decode(decoder, encodeLiterals([['a', 'b']], WITH_INDEXING))).toEqual(['a', 'b']);
    expect(decode(decoder, Buffer.of(0x80 | 63, 0x80 | 62))).toBeUndefined();
    expect(decode(decoder, Buffer.of(0x80 | 62))).toEqual(['a', 'b']);
  });

  it('knows a generation of its table, which changes with what is remembered', () => {
    const decoder = new HpackDecoder(1000);
    const before = decoder.generation;
    decode(decoder, Buffer.concat([Buffer.of(0x82), encodeLiterals([['a', 'b']])]));
    expect(decoder.generation).toBe(before);
    decode(decoder, encodeLiterals([['a', 'b']], WITH_INDEXING));
    expect(decoder.generation).not.toBe(before);
  });

  it.each<[string, string]>([
    ['index 0', '80'],
    ['an index that nothing has', 'be'],
    ['a name of an index that nothing has', '7f00 01 61'],
    ['a number that is cut off', 'ff'],
    ['a number without an end', 'ff ff ff ff ff ff ff'],
    ['a number with zeros without an end', 'ff 80 80 80 80 80 00'],
    ['a name that is missing', '40'],
    ['a value that is missing', '40 01 61'],
    ['a string that is cut off', '40 05 61 62'],
    ['a string longer than a block can be', '40 7f ff ff ff 7f'],
    ['padding of Huffman coding with zeros', '40 81 18 00'],
    ['padding of Huffman coding of eight bits', '40 82 1f ff 00'],
    ['the end symbol of Huffman coding', '40 84 ff ff ff ff 00'],
    ['a table larger than allowed', '3f e2 1f'],
    ['a change of the table behind a header', '82 20'],
  ])('refuses %s', (_, block) => {
    const refused = (): unknown => decode(new HpackDecoder(1000), hex(block));
    expect(refused).toThrow(ConnectionFailure);
    expect(refused).toThrow(expect.objectContaining({ code: COMPRESSION_ERROR }));
  });

  it('throws nothing else, whatever a block has', () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 100 }), { maxLength: 5 }), (blocks) => {
        const decoder = new HpackDecoder(1000);
        try {
          for (const block of blocks) decode(decoder, Buffer.from(block));
        } catch (error) {
          expect(error).toBeInstanceOf(ConnectionFailure);
        }
      }),
      { numRuns: 2000 },
    );
  });
});
