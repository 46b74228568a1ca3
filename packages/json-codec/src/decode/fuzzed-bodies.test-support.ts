/** Request bodies that attackers and broken clients send: valid ones, mutated. */
import type { DataType } from '@serving/core/tensor';
import type { Random } from '../numbers/exact-decimals.test-support.js';

/** A body, and the inputs of the signature that it is decoded for. */
export interface FuzzedBody {
  readonly inputs: Readonly<Record<string, DataType>>;
  readonly body: Uint8Array;
}

/** A body of up to a few thousand bytes; about one in five is left as it is. */
export function fuzzedBody(random: Random): FuzzedBody {
  const pick = <T>(list: readonly T[]): T => list[random() % list.length]!;
  const { inputs, texts } = pick(CORPUS);
  let body: Uint8Array = Buffer.from(pick(texts), 'latin1');
  for (let changes = random() % 5; changes > 0; changes--) {
    const other = Buffer.from(pick(pick(CORPUS).texts), 'latin1');
    body = pick(MUTATIONS)(body, other, random);
  }
  return { inputs, body };
}

const CORPUS: readonly { readonly inputs: Readonly<Record<string, DataType>>; readonly texts: readonly string[] }[] = [
  {
    inputs: { x: 'float' },
    texts: [
      '{"instances": [1.0, 2.0, 5.0]}',
      '{"instances": [[[0.125, -1e-7], [3, NaN]], [[1e38, 0.1], [-0.0, Infinity]]]}',
      '{"signature_name":"s","inputs":{"x":[[1,2.5e3],[0.30000000000000004,4]]}}',
      `{"instances":[${Array.from({ length: 300 }, (_, i) => i / 7).join(',')}], "signature_name": "s"}`,
      '{"instances":[{"x":[1]},{"x":[2]}]}',
    ],
  },
  {
    inputs: { a: 'double', b: 'int64', c: 'uint8' },
    texts: [
      '{"instances":[{"a":1.7976931348623157e308,"b":-9223372036854775808,"c":255},{"b":0,"c":1,"a":5e-324}]}',
      '{"inputs":{"a":[1.5],"b":[9007199254740993],"c":[[1,2],[3,4]]},"other":{"deep":[[{}]]}}',
    ],
  },
  {
    inputs: { s: 'string', flag: 'bool' },
    texts: [
      '{"instances":[{"s":"plain","flag":true},{"s":{"b64":"AQIDBA=="},"flag":false}]}',
      '{"inputs":{"s":["\\u00e9\\ud83d\\ude00\\n","\xc3\xa9 \xff"],"flag":[true,false]}}',
      `{"inputs":{"s":[{"b64":"${'QUJD'.repeat(100)}"}],"flag":true}}`,
    ],
  },
  {
    inputs: Object.fromEntries([
      ['__proto__', 'float'],
      ['constructor', 'int32'],
      ['toString', 'string'],
    ]),
    texts: [
      '{"instances":[{"__proto__":1,"constructor":2,"toString":"x"}]}',
      '{"inputs":{"__proto__":[1,2],"constructor":{"prototype":{"polluted":1}},"toString":["y"]}}',
    ],
  },
  { inputs: { h: 'half' }, texts: ['{"instances":[1, 2]}', '{"inputs":[]}', '{"instances":[[],[]]}'] },
];

const PIECES: readonly string[] = [
  '[',
  ']',
  '{',
  '}',
  '"',
  '\\',
  ',',
  ':',
  '\\u',
  '\\ud800',
  '-',
  '.',
  'e',
  '1e309',
  '1e-400',
  '-0',
  '18446744073709551616',
  '9'.repeat(320),
  `0.${'0'.repeat(400)}1`,
  `${'1'.repeat(25)}.${'2'.repeat(25)}e-${'3'.repeat(3)}`,
  'NaN',
  '-Inf',
  'null',
  'true',
  '\0',
  '\xef\xbb\xbf',
  '\xc0\x80\xff\xfe',
  '"__proto__":{"polluted":1},',
  '"constructor":',
  '"instances":[1],',
  '"inputs":1,',
  '"signature_name":"t",',
  '{"b64":"A"}',
  '{"b64":"!!!!"}',
  '['.repeat(300),
  ']'.repeat(300),
  '{"a":'.repeat(200),
  ' '.repeat(700),
];

type Mutation = (body: Uint8Array, other: Uint8Array, random: Random) => Uint8Array;

const MUTATIONS: readonly Mutation[] = [
  (body, _, random) => body.subarray(0, random() % (body.length + 1)),
  (body, _, random) => {
    const changed = Uint8Array.from(body);
    if (changed.length > 0) changed[random() % changed.length] = random();
    return changed;
  },
  (body, _, random) => spliced(body, random, Buffer.from(PIECES[random() % PIECES.length]!, 'latin1'), 0),
  (body, _, random) => spliced(body, random, Buffer.from(PIECES[random() % PIECES.length]!, 'latin1'), 4),
  (body, other, random) => {
    const start = random() % (other.length + 1);
    return spliced(body, random, other.subarray(start, start + (random() % 40)), 0);
  },
  (body, _, random) => spliced(body, random, new Uint8Array(0), 9),
  (body, _, random) => {
    const start = random() % (body.length + 1);
    return spliced(body, random, body.subarray(start, start + (random() % 60)), 0);
  },
];

/** The body with a piece put in at a random place, for up to `cut` bytes that stood there. */
function spliced(body: Uint8Array, random: Random, piece: Uint8Array, cut: number): Uint8Array {
  const at = random() % (body.length + 1);
  return Buffer.concat([body.subarray(0, at), piece, body.subarray(at + (cut === 0 ? 0 : random() % cut))]);
}
