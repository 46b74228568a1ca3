import type { TensorSpec } from '@serving/core/extend';
import {
  createTensor,
  type DataType,
  type NamedTensors,
  type PartialShape,
  StringArray,
  type Tensor,
} from '@serving/core/tensor';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { JsonPredictRequestFormat } from '../decode/decoded-predict-request.js';
import { decodePredictRequest } from '../decode/predict-request-decoder.js';
import { encodePredictResponse } from '../encode/predict-response-encoder.js';
import { signatureOf } from '../signature.test-support.js';
import { expectSame, tensorsOf } from '../tensors.test-support.js';
import { encodePredictRequest, type PredictRequestEncodeOptions } from './predict-request-encoder.js';
import { decodePredictResponse } from './predict-response-decoder.js';

const floats = (shape: number[], ...values: number[]): Tensor =>
  createTensor('float', shape, Float32Array.from(values));
const strings = (shape: number[], ...values: (string | Uint8Array)[]): Tensor =>
  createTensor('string', shape, StringArray.from(values));

const text = (bytes: Uint8Array): string => Buffer.from(bytes).toString();

/** Tensors by some of the names; in row format with a common first dimension. */
const namedTensors = (format: JsonPredictRequestFormat, names: readonly string[]): fc.Arbitrary<NamedTensors> =>
  fc
    .tuple(fc.integer({ min: 1, max: 3 }), fc.shuffledSubarray([...names], { minLength: 1 }))
    .chain(([batch, chosen]) =>
      fc.tuple(
        ...chosen.map((name) => tensorsOf(format === 'row' ? batch : undefined).map((tensor) => ({ name, tensor }))),
      ),
    )
    .map((list) => {
      const tensors: NamedTensors = Object.create(null);
      for (const { name, tensor } of list) tensors[name] = tensor;
      return tensors;
    });

const dtypesOf = (tensors: NamedTensors): Record<string, DataType> => {
  const dtypes: Record<string, DataType> = Object.create(null);
  for (const [name, { dtype }] of Object.entries(tensors)) dtypes[name] = dtype;
  return dtypes;
};

function outputs(...specs: [name: string, dtype: DataType, shape?: PartialShape][]): {
  outputs: Map<string, TensorSpec>;
} {
  return { outputs: new Map(specs.map(([name, dtype, shape]) => [name, { name, dtype, shape }])) };
}

describe('encodePredictRequest', () => {
  it.each<[NamedTensors, PredictRequestEncodeOptions, string]>([
    [{ x: floats([2], 1, 0.5) }, {}, '{"inputs":{"x":[1.0,0.5]}}'],
    [{ x: floats([], 2) }, { signatureName: 'a"b' }, '{"signature_name":"a\\"b","inputs":{"x":2.0}}'],
    [{ x: floats([2, 1], 1, 2) }, { format: 'row' }, '{"instances":[[1.0],[2.0]]}'],
    [
      { x: floats([2, 1], 1, 2), s: strings([2], 'a', 'b') },
      { format: 'row' },
      '{"instances":[{"x":[1.0],"s":"a"},{"x":[2.0],"s":"b"}]}',
    ],
    [
      { s: strings([2], 'tea', Uint8Array.of(0xff)), t: strings([], 'é') },
      {},
      '{"inputs":{"s":[{"b64":"dGVh"},{"b64":"/w=="}],"t":"é"}}',
    ],
    [{ b64: strings([], 'AA==') }, {}, '{"inputs":"AA=="}'],
    [
      { n: createTensor('int64', [2], BigInt64Array.of(-(2n ** 63n), 2n ** 53n + 1n)) },
      {},
      '{"inputs":{"n":[-9223372036854775808,9007199254740993]}}',
    ],
    [{ x: floats([3], Number.NaN, Number.NEGATIVE_INFINITY, -0) }, {}, '{"inputs":{"x":[NaN,-Infinity,-0.0]}}'],
    [{ h: createTensor('half', [0], new Uint16Array(0)) }, {}, '{"inputs":{"h":[]}}'],
    [{ ['__proto__']: floats([1], 1) }, {}, '{"inputs":{"__proto__":[1.0]}}'],
  ])('writes %o with %j', (inputs, options, expected) => {
    expect(text(encodePredictRequest(inputs, options))).toBe(expected);
  });

  it('takes what is like a tensor, with a signature', () => {
    const signature = signatureOf({ x: 'float', n: 'int64', s: 'string' });
    const body = encodePredictRequest({ x: [[1, 2.5]], n: 7, s: ['a'] }, { signature, format: 'columnar' });
    expect(text(body)).toBe('{"inputs":{"x":[[1.0,2.5]],"n":7,"s":["a"]}}');
  });

  it.each<[NamedTensors, PredictRequestEncodeOptions, string]>([
    [{}, {}, 'inputs: a predict request needs at least one input'],
    [{ h: createTensor('half', [1], Uint16Array.of(1)) }, {}, 'inputs.h: values of type half have no JSON form'],
    [{ x: floats([0, 3]) }, {}, 'inputs.x: of shape [0,3] JSON loses what follows the dimension of 0'],
    [
      { x: floats([], 1) },
      { format: 'row' },
      'inputs.x: in row format a first dimension is needed, but it is a scalar',
    ],
    [{ x: floats([0]) }, { format: 'row' }, "inputs.x: an empty batch can't be sent in row format"],
    [
      { x: floats([2], 1, 2), y: floats([1], 1) },
      { format: 'row' },
      'inputs.y: in row format a first dimension of 2 is expected as in x, got 1',
    ],
    [
      { x: floats([1], 1), 'y\0z': floats([1], 1) },
      { format: 'row' },
      'inputs.y\0z: in row format the server cuts a name at its NUL',
    ],
    [
      { x: { dtype: 'float', shape: new Array(255).fill(1), data: Float32Array.of(1) } },
      {},
      'inputs.x: A tensor has at most 254 dimensions, this one 255',
    ],
    [
      { x: { dtype: 'float', shape: [3], data: Float32Array.of(1) } },
      {},
      'inputs.x: a float tensor of shape [3] holds 3 values, got 1',
    ],
  ])('refuses %o with %j', (inputs, options, message) => {
    expect(() => encodePredictRequest(inputs, options)).toThrow(
      expect.objectContaining({ code: 'INVALID_ARGUMENT', message }),
    );
  });

  it('refuses with a signature what the server would', () => {
    const signature = signatureOf({ x: 'float', y: 'float' });
    const encode =
      (inputs: Record<string, never>): (() => unknown) =>
      () =>
        encodePredictRequest(inputs, { signature });
    expect(encode({ z: 1 as never })).toThrow('inputs.z: the signature has no such input; it has x, y');
    expect(encode({ x: 1 as never })).toThrow(
      'inputs.y is missing: over REST every input of the signature is required',
    );
    expect(encode({ x: 'a' as never })).toThrow('inputs.x');
    expect(() => encodePredictRequest({ x: [1] as never })).toThrow(
      'inputs.x: without a signature only a Tensor tells its data type',
    );
  });

  it.each<JsonPredictRequestFormat>(['row', 'columnar'])('is read as the same tensors in %s format', (format) => {
    const names = ['a', '__proto__', 'b64', 'é"\\'];
    fc.assert(
      fc.property(
        namedTensors(format, names),
        fc.option(fc.string({ unit: 'grapheme', minLength: 1 }), { nil: undefined }),
        (inputs, signatureName) => {
          const body = encodePredictRequest(inputs, {
            format,
            ...(signatureName !== undefined && { signatureName }),
          });
          let asked: string | undefined;
          const decoded = decodePredictRequest(body, (name) => {
            asked = name;
            return signatureOf(dtypesOf(inputs));
          });
          expect([decoded.format, asked]).toEqual([format, signatureName]);
          expect(Object.keys(decoded.inputs).sort()).toEqual(Object.keys(inputs).sort());
          for (const [name, tensor] of Object.entries(inputs)) expectSame(tensor, decoded.inputs[name]!);
        },
      ),
      { numRuns: 300 },
    );
  });
});

describe('decodePredictResponse', () => {
  const decode = (body: string, ...specs: Parameters<typeof outputs>): [string, string][] => {
    const decoded = decodePredictResponse(Buffer.from(body), specs.length > 0 ? { signature: outputs(...specs) } : {});
    return Object.entries(decoded.outputs).map(([name, { dtype, shape, data }]) => {
      const values = data instanceof StringArray ? data.toStrings() : Array.from<unknown>(data);
      return [name, `${dtype} [${shape}] ${values.join()}`];
    });
  };

  it.each<[string, [string, string][]]>([
    ['{"predictions":[1.5,2.0]}', [['output', 'double [2] 1.5,2']]],
    ['{"predictions":[[1],[-2]]}', [['output', 'int64 [2,1] 1,-2']]],
    ['{"outputs":9223372036854775807}', [['output', 'int64 [] 9223372036854775807']]],
    ['{"outputs":[1,9223372036854775808]}', [['output', 'uint64 [2] 1,9223372036854775808']]],
    ['{"outputs":[1,2.5,NaN]}', [['output', 'double [3] 1,2.5,NaN']]],
    ['{"outputs":[true,false]}', [['output', 'bool [2] 1,0']]],
    ['{"outputs":["a",{"b64":"Yg=="}]}', [['output', 'string [2] a,b']]],
    ['{"outputs":{"b64":"Yg=="}}', [['output', 'string [] b']]],
    ['{"predictions":[]}', [['output', 'float [0] ']]],
    [
      '{"predictions":[{"y":[1.0],"n":1},{"n":2,"y":[2.5]}]}',
      [
        ['y', 'double [2,1] 1,2.5'],
        ['n', 'int64 [2] 1,2'],
      ],
    ],
    [
      '{"outputs":{"__proto__":[1.0],"constructor":"a"}}',
      [
        ['__proto__', 'double [1] 1'],
        ['constructor', 'string [] a'],
      ],
    ],
  ])('guesses of %s %j', (body, expected) => {
    expect(decode(body)).toEqual(expected);
  });

  it('takes names, data types and the rest of an empty shape from the signature', () => {
    expect(decode('{"outputs":[1.5,2]}', ['y', 'float'])).toEqual([['y', 'float [2] 1.5,2']]);
    expect(decode('{"outputs":{"y":300,"z":"a"}}', ['z', 'string'], ['y', 'uint8'])).toEqual([
      ['z', 'string [] a'],
      ['y', 'uint8 [] 44'],
    ]);
    expect(decode('{"predictions":[]}', ['y', 'float', [-1, 3]])).toEqual([['y', 'float [0,3] ']]);
    expect(decode('{"predictions":[]}', ['y', 'float', [-1, 3]], ['z', 'string'])).toEqual([
      ['y', 'float [0,3] '],
      ['z', 'string [0] '],
    ]);
    expect(decode('{"outputs":[[],[]]}', ['y', 'float', [-1, -1, -1]])).toEqual([['y', 'float [2,0] ']]);
    expect(decode('{"outputs":[[],[]]}', ['y', 'float', [-1, -1, 4]])).toEqual([['y', 'float [2,0,4] ']]);
  });

  it.each<[string, Parameters<typeof outputs>, string]>([
    ['{}', [], "it has neither 'predictions' nor 'outputs'"],
    ['[]', [], 'it is not a JSON object'],
    ['{"outputs":', [], 'JSON Parse error: Invalid value. at offset: 11'],
    ['', [], 'JSON Parse error: The document is empty'],
    ['{"predictions":1}', [], "'predictions' is not a list"],
    ['{"predictions":[{"y":1},2]}', [], 'objects and plain values are mixed'],
    ['{"predictions":[{"y":1,"z":2},{"y":1}]}', [], 'output z is in 1 of 2 rows'],
    ['{"predictions":[{"y":1},{"y":[1]}]}', [], 'output y: Expecting shape [] but got: [1]'],
    ['{"outputs":[1,"a"]}', [], 'output output: JSON Value: 1 Type: Number is not of expected type: string'],
    ['{"outputs":[null]}', [], 'output output: JSON Value: null Type: Null is not of expected type: float'],
    ['{"outputs":1.5}', [['y', 'int32']], 'output y: JSON Value: 1.5 Type: Number is not of expected type: int32'],
    ['{"outputs":{"y":1}}', [['z', 'int32']], 'output z is missing'],
    [
      '{"outputs":1}',
      [
        ['y', 'int32'],
        ['z', 'int32'],
      ],
      'it has one output, the signature 2: y, z',
    ],
    [
      '{"outputs":[[1],[2,3]]}',
      [['y', 'int32']],
      'output y: Encountered list at unexpected size: 2 at level: 1 expected size: 1',
    ],
  ])('refuses %s for %j', (body, specs, message) => {
    expect(() => decode(body, ...specs)).toThrow(
      expect.objectContaining({ code: 'INTERNAL', message: `Malformed response: ${message}` }),
    );
  });

  it('answers a body nested a million deep', () => {
    const depth = 1_000_000;
    const nested = '['.repeat(depth) + ']'.repeat(depth);
    expect(decodePredictResponse(Buffer.from(`{"outputs":${nested}}`)).outputs.output!.shape).toHaveLength(depth);
  });

  it.each([
    [undefined, '{"error":"no"}', 'UNKNOWN', 'no'],
    [200, '{"error":"no"}', 'UNKNOWN', 'no'],
    [400, '{"error":"a \\"b\\"\\n"}', 'INVALID_ARGUMENT', 'a "b"\n'],
    [
      404,
      '{"error":"Servable not found for request: Latest(m)"}',
      'NOT_FOUND',
      'Servable not found for request: Latest(m)',
    ],
    [429, '{"error":"full"}', 'RESOURCE_EXHAUSTED', 'full'],
    [501, '{"error":"half"}', 'UNIMPLEMENTED', 'half'],
    [503, '{"error":"late"}', 'UNAVAILABLE', 'late'],
    [504, '{"error":"late"}', 'DEADLINE_EXCEEDED', 'late'],
    [500, '{"error":"oh"}', 'INTERNAL', 'oh'],
    [418, '{"error":"tea"}', 'UNKNOWN', 'tea'],
    [502, '<html>Bad gateway</html>', 'UNAVAILABLE', 'HTTP status 502: <html>Bad gateway</html>'],
    [404, '', 'NOT_FOUND', 'HTTP status 404'],
    [500, '{"outputs":1}', 'INTERNAL', 'HTTP status 500: {"outputs":1}'],
  ])('makes of status %s and %s an error', (httpStatus, body, code, message) => {
    const options = httpStatus === undefined ? {} : { httpStatus };
    expect(() => decodePredictResponse(Buffer.from(body), options)).toThrow(expect.objectContaining({ code, message }));
  });

  it.each<JsonPredictRequestFormat>(['row', 'columnar'])('gives what the server encoded in %s format', (format) => {
    const names = ['a', '__proto__', 'é"\\'];
    fc.assert(
      fc.property(namedTensors(format, names), fc.boolean(), fc.boolean(), (tensors, compact, asBytes) => {
        const encoded: NamedTensors = Object.create(null);
        for (const [name, tensor] of Object.entries(tensors)) encoded[asBytes ? `${name}_bytes` : name] = tensor;
        const body = encodePredictResponse(format, encoded, { compact });
        const signature = outputs(
          ...Object.entries(encoded).map(([name, { dtype, shape }]): [string, DataType, PartialShape] => [
            name,
            dtype,
            shape,
          ]),
        );
        const decoded = decodePredictResponse(body, { signature, httpStatus: 200 });
        expect(decoded.format).toBe(format);
        for (const [name, tensor] of Object.entries(encoded)) expectSame(tensor, decoded.outputs[name]!);
      }),
      { numRuns: 300 },
    );
  });
});
