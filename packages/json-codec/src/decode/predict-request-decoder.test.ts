import { ServingError } from '@serving/core';
import type { Signature } from '@serving/core/extend';
import { type DataType, StringArray, type Tensor } from '@serving/core/tensor';
import { describe, expect, it } from 'vitest';
import { signatureOf } from '../signature.test-support.js';
import { decodeParsedPredictRequest, decodePredictRequest } from './predict-request-decoder.js';

type Inputs = Readonly<Record<string, DataType>>;

const bytesOf = (text: string): Uint8Array => Buffer.from(text);

function decode(inputs: Inputs, body: string | Uint8Array): Record<string, string> {
  const bytes = typeof body === 'string' ? bytesOf(body) : body;
  const decoded = decodePredictRequest(bytes, () => signatureOf(inputs));
  return Object.fromEntries(Object.entries(decoded.inputs).map(([name, tensor]) => [name, shown(tensor)]));
}

/** `[2] 1,2`: shape and values; strings as hex. */
function shown({ shape, data }: Tensor): string {
  const values =
    data instanceof StringArray
      ? Array.from({ length: data.length }, (_, i) => Buffer.from(data.at(i)).toString('hex'))
      : Array.from<unknown, string>(data, (value) => (Object.is(value, -0) ? '-0' : String(value)));
  return `[${shape}] ${values.join(',')}`;
}

function failure(inputs: Inputs, body: string | Uint8Array): string {
  try {
    const decoded = decode(inputs, body);
    return `decoded ${JSON.stringify(decoded)}`;
  } catch (error) {
    if (!(error instanceof ServingError)) throw error;
    return `${error.code}: ${error.message}`;
  }
}

const element = (index: string, message: string): string =>
  `INVALID_ARGUMENT: Failed to process element: ${index} of 'instances' list. Error: ${message}`;

describe('decodePredictRequest', () => {
  it.each<[Inputs, string, Record<string, string>]>([
    [{ a: 'int32' }, '{"instances":[[7],[8]]}', { a: '[2,1] 7,8' }],
    [{ a: 'int32' }, '{"inputs":9}', { a: '[] 9' }],
    [{ a: 'float' }, '{"instances":[7, 0.25, -Inf]}', { a: '[3] 7,0.25,-Infinity' }],
    [{ s: 'string' }, '{"instances":["x",{"b64":"/w=="}]}', { s: '[2] 78,ff' }],
    [{ s: 'string' }, '{"instances":[{"s":{"b64":"/w=="}}]}', { s: '[1] ff' }],
    [{ s: 'string' }, '{"inputs":{"b64":"/w=="}}', { s: '[] ff' }],
    [{ s: 'string' }, '{"inputs":[{"b64":"YW Fh\\nYWFh"}]}', { s: '[1] 616161616161' }],
    [
      { a: 'float', b: 'string' },
      '{"instances":[{"a":[1,2],"b":"p"},{"b":"q","a":[3,4]}]}',
      { a: '[2,2] 1,2,3,4', b: '[2] 70,71' },
    ],
    [{ a: 'float', b: 'string' }, '{"inputs":{"a":[1],"b":["p"],"zzz":0}}', { a: '[1] 1', b: '[1] 70' }],
    [{ a: 'int32' }, '{"instances":[[],[]]}', { a: '[2,0] ' }],
    [{ a: 'int32' }, '{"inputs":[]}', { a: '[0] ' }],
    [{ a: 'int32' }, '{"inputs":[[],[]]}', { a: '[2,0] ' }],
    [{ a: 'int32' }, '{"inputs":{"a":[1],"a":[2]}}', { a: '[1] 1' }],
    [{ a: 'half' }, '{"inputs":[[]]}', { a: '[1,0] ' }],
    [
      { a: 'float', b: 'int32' },
      '{"instances":[{"a":[1,2],"a":[3,4],"b":1},{"a":[5,6],"b":2}]}',
      { a: '[2,2] 1,2,5,6', b: '[2] 1,2' },
    ],
    [{ a: 'int32' }, '{"instances":[{"a\\u0000b":1}]}', { a: '[1] 1' }],
    [{ a: 'float' }, ' \n\t{"instances" : [ 1.0 , 2 ] , "other":[{}] }garbage', { a: '[2] 1,2' }],
    [{ a: 'float' }, '{"instances":[-0, -0.0, 1e39, 16777217, 1e-46]}', { a: '[5] 0,-0,Infinity,16777216,0' }],
    [{ a: 'double' }, '{"instances":[0.1, 1e-320, NaN, Infinity]}', { a: '[4] 0.1,1e-320,NaN,Infinity' }],
    [{ a: 'uint8' }, '{"instances":[300, -1, 256]}', { a: '[3] 44,255,0' }],
    [{ a: 'int8' }, '{"instances":[300, -129]}', { a: '[2] 44,127' }],
    [{ a: 'uint32' }, '{"instances":[4294967295, 0]}', { a: '[2] 4294967295,0' }],
    [
      { a: 'int64' },
      '{"instances":[9223372036854775807, -9223372036854775808, 9007199254740993]}',
      { a: '[3] 9223372036854775807,-9223372036854775808,9007199254740993' },
    ],
    [{ a: 'uint64' }, '{"instances":[18446744073709551615, -0]}', { a: '[2] 18446744073709551615,0' }],
    [{ a: 'bool' }, '{"instances":[true,false]}', { a: '[2] 1,0' }],
    [
      { s: 'string' },
      '{"inputs":"\\"\\\\\\/\\b\\f\\n\\r\\t\\u00e9\\ud83d\\ude00\\udc00"}',
      {
        s: '[] 225c2f080c0a0d09c3a9f09f9880edb080',
      },
    ],
  ])('decodes for %j the body %s', (inputs, body, expected) => {
    expect(decode(inputs, body)).toEqual(expected);
  });

  it.each<[Inputs, string, string]>([
    [
      { a: 'int32' },
      '{"instances":[7, 8.0]}',
      element('1', 'INVALID_ARGUMENT: JSON Value: 8.0 Type: Number is not of expected type: int32'),
    ],
    [
      { a: 'int32', b: 'int32' },
      '{"instances":[{"a":1}]}',
      `INVALID_ARGUMENT: Failed to process element: 0 of 'instances' list. JSON object: {\n    "a": 1\n} keys must be equal to: a,b`,
    ],
    [
      { a: 'int32' },
      '{"inputs":[[1,2],[3]]}',
      'INVALID_ARGUMENT: Encountered list at unexpected size: 1 at level: 1 expected size: 2',
    ],
    [
      { a: 'int32' },
      '{"inputs":[[1],2]}',
      'INVALID_ARGUMENT: JSON Value: 2 found at incorrect level: 2 in the JSON DOM. Expected at level: 2',
    ],
    [{ a: 'float' }, '{"instances":[[1],2.5]}', element('1', 'INVALID_ARGUMENT: Expecting shape [1] but got: []')],
    [
      { a: 'float' },
      '{"instances":[[[1,2]],[[1],[2]]]}',
      element('1', 'INVALID_ARGUMENT: Expecting shape [1,2] but got: [2,1]'),
    ],
    [
      { a: 'float' },
      '{"instances":[[1,2],[1]]}',
      element('1', 'INVALID_ARGUMENT: Expecting tensor size: 2 but got: 1'),
    ],
    [{ a: 'int32' }, '{"inputs":[1,[2]]}', 'INVALID_ARGUMENT: Encountered list at unexpected level: 1 expected < 1'],
    [{ a: 'half' }, '{"inputs":[1.5]}', 'UNIMPLEMENTED: Conversion of JSON Value: 1.5 to type: half'],
    [{ a: 'half' }, '{"instances":[1.5]}', element('0', 'UNIMPLEMENTED: Conversion of JSON Value: 1.5 to type: half')],
    [
      { a: 'half' },
      '{"inputs":[{"a":1}]}',
      'INVALID_ARGUMENT: JSON Value: {\n    "a": 1\n} Type: Object is not of expected type: half',
    ],
    [{ s: 'string' }, '{"inputs":[{"b64":"a-_b"}]}', 'INVALID_ARGUMENT: Unable to base64 decode'],
    [
      { s: 'string' },
      '{"inputs":{"s":{"b64":"YWFh\nYWFh"}}}',
      'INVALID_ARGUMENT: JSON Parse error: Invalid escape character in string. at offset: 27',
    ],
    [
      { s: 'string' },
      '{"inputs":[{"b64":1}]}',
      'INVALID_ARGUMENT: JSON Value: {\n    "b64": 1\n} not formatted correctly for base64 data',
    ],
    [{ s: 'string' }, '{"inputs":{"b64":1}}', "INVALID_ARGUMENT: Missing named input: s in 'inputs' object."],
    [{ a: 'bool' }, '{"inputs":1}', 'INVALID_ARGUMENT: JSON Value: 1 Type: Number is not of expected type: bool'],
    [
      { a: 'uint32' },
      '{"inputs":4294967296}',
      'INVALID_ARGUMENT: JSON Value: 4294967296 Type: Number is not of expected type: uint32',
    ],
    [{ a: 'uint64' }, '{"inputs":-1}', 'INVALID_ARGUMENT: JSON Value: -1 Type: Number is not of expected type: uint64'],
    [
      { a: 'uint64' },
      '{"inputs":18446744073709551616}',
      'INVALID_ARGUMENT: JSON Value: 18446744073709553000.0 Type: Number is not of expected type: uint64',
    ],
    [
      { a: 'int64' },
      '{"inputs":9223372036854775808}',
      'INVALID_ARGUMENT: JSON Value: 9223372036854775808 Type: Number is not of expected type: int64',
    ],
    [{ a: 'int32' }, '{"inputs":null}', 'INVALID_ARGUMENT: JSON Value: null Type: Null is not of expected type: int32'],
    [
      { a: 'float' },
      '{"instances":[1.0,{"a":2.0}]}',
      'INVALID_ARGUMENT: Expecting value/list but got object at item 1 of input list',
    ],
    [
      { a: 'float' },
      '{"instances":[{"a":1.0},2.0]}',
      'INVALID_ARGUMENT: Expecting object but got list at item 1 of input list',
    ],
    [
      { a: 'float' },
      '{"instances":[{"b":1.0}]}',
      element('0 key: b', 'INVALID_ARGUMENT: JSON object: does not have named input: b'),
    ],
    [
      { a: 'float', b: 'float' },
      '{"instances":[1]}',
      'INVALID_ARGUMENT: instances is a plain list, but expecting list of objects as multiple input tensors required as per tensorinfo_map',
    ],
    [
      { a: 'string', b: 'string' },
      '{"instances":[{"b64":"AQ=="}]}',
      'INVALID_ARGUMENT: instances is a plain list, but expecting list of objects as multiple input tensors required as per tensorinfo_map',
    ],
    [
      { a: 'float', b: 'float' },
      '{"inputs":[1]}',
      'INVALID_ARGUMENT: inputs is a plain value/list, but expecting an object as multiple input tensors required as per tensorinfo_map',
    ],
    [{ a: 'float', b: 'float' }, '{"inputs":{"a":1}}', "INVALID_ARGUMENT: Missing named input: b in 'inputs' object."],
    [
      { a: 'float' },
      '{"instances":[]}',
      `INVALID_ARGUMENT: JSON Value: {\n    "instances": []\n} No values in 'instances' array`,
    ],
    [
      { a: 'float' },
      '{"instances":1}',
      `INVALID_ARGUMENT: JSON Value: {\n    "instances": 1\n} Expecting 'instances' to be an list/array`,
    ],
    [
      { a: 'float' },
      '{"inputs":1,"instances":null}',
      `INVALID_ARGUMENT: JSON Value: {\n    "inputs": 1,\n    "instances": null\n} Not formatted correctly expecting only one of 'inputs' or 'instances' keys to exist `,
    ],
    [{ a: 'float' }, '{}', "INVALID_ARGUMENT: Missing 'inputs' or 'instances' key"],
    [{ a: 'float' }, '[1]', 'INVALID_ARGUMENT: JSON Value: [1] Is not object'],
    [
      { a: 'float' },
      '{"signature_name":1}',
      `INVALID_ARGUMENT: JSON Value: {\n    "signature_name": 1\n} not formatted correctly. 'signature_name' key must be a string value.`,
    ],
    [{}, '{"inputs":1}', 'INVALID_ARGUMENT: Failed to get input map for signature: DEFAULT'],
    [{}, '{"signature_name":"s","inputs":1}', 'INVALID_ARGUMENT: Failed to get input map for signature: s'],
  ])('refuses for %j the body %s', (inputs, body, expected) => {
    expect(failure(inputs, body)).toBe(expected);
  });

  it.each<[string, string]>([
    ['{"instances":[{"featurs":1,"age":2}]}', 'Did you mean "features"? Inputs: features, age'],
    ['{"inputs":{"featurs":1,"age":2}}', 'Inputs: features, age'],
  ])('hints at the inputs for the body %s', (body, hint) => {
    expect(() => decode({ features: 'float', age: 'float' }, body)).toThrow(expect.objectContaining({ hint }));
  });

  it('takes any name for an input', () => {
    const inputs = Object.fromEntries<DataType>([
      ['constructor', 'int32'],
      ['__proto__', 'int32'],
    ]);
    const expected = [
      ['__proto__', '[] 1'],
      ['constructor', '[] 2'],
    ];
    const decoded = decode(inputs, '{"inputs":{"__proto__":1,"constructor":2}}');
    expect(Object.entries(decoded).sort()).toEqual(expected);
    const rows = decode(inputs, '{"instances":[{"__proto__":1,"constructor":2}],"other":0}');
    expect(Object.keys(rows).sort()).toEqual(['__proto__', 'constructor']);
  });

  it('asks for the signature once, by the name that the request gives anywhere', () => {
    const asked = (body: string): (string | undefined)[] => {
      const names: (string | undefined)[] = [];
      decodePredictRequest(bytesOf(body), (name) => {
        names.push(name);
        return signatureOf({ a: 'float' });
      });
      return names;
    };
    expect(asked('{"instances":[1]}')).toEqual([undefined]);
    expect(asked('{"signature_name":"","instances":[1]}')).toEqual([undefined]);
    expect(asked('{"signature_name":"s","instances":[1]}')).toEqual(['s']);
    expect(asked('{"instances":[1],"signature_name":"s","signature_name":"t"}')).toEqual(['s']);
    expect(asked('{"instances":[1],"signature\\u005fname":"s"}')).toEqual(['s']);
    expect(
      asked(
        '{"instances":[1,[{"signature_name":"x"}],2.5,0],"inputs":0}'
          .replace(',[{"signature_name":"x"}]', '')
          .replace(',"inputs":0', ''),
      ),
    ).toEqual([undefined]);
  });

  it('lets an unknown signature pass through only after syntax and signature_name', () => {
    const unknown = new ServingError('NOT_FOUND', 'no such model');
    const outcome = (body: string): string => {
      try {
        decodePredictRequest(bytesOf(body), (): Signature => {
          throw unknown;
        });
        return 'decoded';
      } catch (error) {
        return error === unknown ? 'unknown' : String(error);
      }
    };
    expect(outcome('{"instances":[1]}')).toBe('unknown');
    expect(outcome('{"instances":[]}')).toBe('unknown');
    expect(outcome('{"instances":[1')).toContain('at offset: 15');
    expect(outcome('{"instances":[1],"signature_name":5}')).toContain('key must be a string value');
    expect(outcome('[]')).toContain('Is not object');
  });

  it('answers a body nested a million deep', () => {
    const depth = 1_000_000;
    const nested = '['.repeat(depth) + ']'.repeat(depth);
    expect(failure({ a: 'float' }, `{"other":${nested},"inputs":[1]}`)).toContain('decoded');
    expect(failure({ a: 'float' }, `{"inputs":${nested}}`)).toBe('INVALID_ARGUMENT: tensor parsing error: a');
    expect(failure({ a: 'float' }, '{"a":'.repeat(depth) + '}'.repeat(depth))).toContain('Invalid value. at offset');
  });

  it('takes 254 dimensions and refuses 255, the row one included', () => {
    const list = (rank: number): string => '['.repeat(rank) + ']'.repeat(rank);
    expect(failure({ a: 'float' }, `{"inputs":${list(254)}}`)).toContain('decoded');
    expect(failure({ a: 'float' }, `{"instances":[${list(254)}]}`)).toBe('INVALID_ARGUMENT: tensor parsing error: a');
  });
});

describe('decodeParsedPredictRequest', () => {
  it('decodes what JSON.parse made', () => {
    const decoded = decodeParsedPredictRequest({ signature_name: 's', instances: [[1, 2.5]] }, () =>
      signatureOf({ a: 'float' }),
    );
    expect(decoded.format).toBe('row');
    expect(shown(decoded.inputs.a!)).toBe('[1,2] 1,2.5');
  });

  it('refuses a value that is not JSON', () => {
    const resolve = (): Signature => signatureOf({ a: 'float' });
    expect(() => decodeParsedPredictRequest(undefined, resolve)).toThrow('The document is empty');
    expect(() => decodeParsedPredictRequest({ instances: [1n] }, resolve)).toThrow(
      'The parsed body is not a JSON value',
    );
  });
});
