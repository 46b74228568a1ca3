import { createTensor, StringArray, type Tensor } from '@serving/core/tensor';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parsePython } from './parse-python.js';
import { isTensor, type PythonObject, toArray } from './python-object.js';

const double = (shape: number[], ...values: number[]): Tensor =>
  createTensor('double', shape, Float64Array.from(values));
const int64 = (shape: number[], ...values: bigint[]): Tensor =>
  createTensor('int64', shape, BigInt64Array.from(values));

describe('parsePython', () => {
  it.each<[string, PythonObject]>([
    ['1', 1n],
    ['-0x1F', -31n],
    ['1_000', 1000n],
    ['0b101', 5n],
    ['12345678901234567890', 12345678901234567890n],
    ['1.', 1],
    ['.5e-3', 0.0005],
    ['+-2.5', -2.5],
    ['True', true],
    ['None', null],
    [`'it''s' "x"`, 'itsx'],
    [`"a\\n\\x41\\u00e9\\'\\q"`, "a\nAé'\\q"],
    [`r'\\n'`, '\\n'],
    [`b'\\xff\\0a'`, Uint8Array.of(255, 0, 97)],
    [`'''a'b'''`, "a'b"],
    ['[1, [2.5, True,],]', [1n, [2.5, true]]],
    ['()', []],
    ['(1,)', [1n]],
    ['(1)', 1n],
    [
      `{'a': [1], 2: None}`,
      new Map<PythonObject, PythonObject>([
        ['a', [1n]],
        [2n, null],
      ]),
    ],
    ['1 + 2 * 3 - 4', 3n],
    ['7 / 2', 3.5],
    ['[0] * 3 + [1]', [0n, 0n, 0n, 1n]],
    ['2 * [1, 2]', [1n, 2n, 1n, 2n]],
    ['np.ones(2)', double([2], 1, 1)],
    ['numpy.zeros((1, 2), dtype=np.int32)', createTensor('int32', [1, 2], Int32Array.of(0, 0))],
    ['np.full([2], 7)', int64([2], 7n, 7n)],
    ['np.full((2,), 2.5, "float16")', createTensor('half', [2], Uint16Array.of(0x4100, 0x4100))],
    ['np.array([[1], [2]])', int64([2, 1], 1n, 2n)],
    ['np.array([1, 2], np.uint8)', createTensor('uint8', [2], Uint8Array.of(1, 2))],
    ['np.arange(3)', int64([3], 0n, 1n, 2n)],
    ['np.arange(1, 2, 0.5)', double([2], 1, 1.5)],
    ['np.linspace(0, 1, num=3)', double([3], 0, 0.5, 1)],
    ['np.eye(2, dtype=bool)', createTensor('bool', [2, 2], Uint8Array.of(1, 0, 0, 1))],
    ['np.expand_dims(np.arange(2), axis=-1)', int64([2, 1], 0n, 1n)],
    ['np.arange(4).reshape(2, -1)', int64([2, 2], 0n, 1n, 2n, 3n)],
    ['np.reshape(np.arange(2), (2, 1)).flatten()', int64([2], 0n, 1n)],
    ['np.float32(3)', createTensor('float', [], Float32Array.of(3))],
    ['np.array([1.7, -1.7]).astype(np.int8)', createTensor('int8', [2], Int8Array.of(1, -1))],
    ['np.array(["a", b"\\xff"])', createTensor('string', [2], StringArray.from(['a', Uint8Array.of(255)]))],
    ['np.ones(2) * 3 - 1', double([2], 2, 2)],
    ['2 / np.array([4, 8])', double([2], 0.5, 0.25)],
    ['-np.arange(2)', int64([2], 0n, -1n)],
    ['np.array([np.ones(2), np.zeros(2)])', double([2, 2], 1, 1, 0, 0)],
    ['np.nan', Number.NaN],
  ])('gives %s its value', (text, value) => {
    expect(parsePython(text)).toEqual(value);
  });

  it.each([
    ['np.random.rand(2, 3)', [2, 3], 'double'],
    ['np.random.randn(4)', [4], 'double'],
    ['np.random.random((2,))', [2], 'double'],
    ['np.random.uniform(1, 2, size=(2,))', [2], 'double'],
    ['np.random.normal(0, 1, 3)', [3], 'double'],
    ['np.random.randint(0, 10, (2, 2), dtype="int32")', [2, 2], 'int32'],
  ])('draws %s', (text, shape, dtype) => {
    expect(parsePython(text)).toMatchObject({ shape, dtype });
  });

  it.each([
    '',
    '1 2',
    '[1',
    '"a',
    '{[1]: 2}',
    'x',
    'open("f")',
    '__import__("os")',
    'np.load("f")',
    'np.ones(2).tofile("f")',
    '[].append(1)',
    '"a" b"b"',
    '1 = 2',
  ])('refuses %j as no syntax', (text) => {
    expect(() => parsePython(text)).toThrow(expect.objectContaining({ name: 'SyntaxError' }));
  });

  it.each([
    'np.ones()',
    'np.ones("a")',
    'np.arange(3).reshape(2, 2)',
    '[1] - 1',
    'np.ones(2) + np.ones(3)',
    'np.ones(2, dtype="date")',
  ])('refuses %j for its value', (text) => {
    expect(() => parsePython(text)).toThrow(expect.objectContaining({ name: 'ValueError' }));
  });

  it('reads any JSON without null, true and false as Python does', () => {
    const leaf = fc.oneof(fc.integer(), fc.string({ unit: 'grapheme-ascii' }));
    const { value } = fc.letrec((tie) => ({
      value: fc.oneof({ maxDepth: 4 }, leaf, fc.array(tie('value'))),
    }));
    const plain = (object: unknown): unknown =>
      typeof object === 'bigint' ? Number(object) : Array.isArray(object) ? object.map(plain) : object;
    fc.assert(
      fc.property(value, (json) => {
        expect(plain(parsePython(JSON.stringify(json)))).toEqual(json);
      }),
    );
  });
});

describe('toArray', () => {
  it.each(['[[1], [2, 3]]', '[1, [2]]', '["a", 1]', '[None]'])('refuses %s', (text) => {
    expect(() => toArray(parsePython(text))).toThrow(expect.objectContaining({ name: 'ValueError' }));
  });

  it('makes a float of an empty list, and passes arrays on', () => {
    expect(toArray([])).toEqual(double([0]));
    const array = parsePython('np.ones(1)');
    expect(isTensor(array) && toArray(array)).toBe(array);
  });
});
