import { runInNewContext } from 'node:vm';
import { describe, expect, it } from 'vitest';
import type { Feature } from '../messages/example.js';
import type { ExampleLike, FeatureLike } from '../messages/example-request.js';
import { toExampleInput } from './example-input.js';

const utf8 = (text: string): Uint8Array => new TextEncoder().encode(text);
const bytes = (...values: Uint8Array[]): Feature => ({ kind: 'bytes', values });
const float = (...values: number[]): Feature => ({ kind: 'float', values: Float32Array.from(values) });
const int64 = (...values: bigint[]): Feature => ({ kind: 'int64', values: BigInt64Array.from(values) });

describe('toExampleInput', () => {
  it.each<[string, FeatureLike, Feature]>([
    ['a string', 'tea ü', bytes(utf8('tea ü'))],
    ['bytes', Uint8Array.of(0, 255), bytes(Uint8Array.of(0, 255))],
    ['a number', 1.5, float(1.5)],
    ['a whole number', 2, float(2)],
    ['a number beyond float', 1e300, float(Number.POSITIVE_INFINITY)],
    ['a bigint', 2n ** 63n - 1n, int64(2n ** 63n - 1n)],
    ['a boolean', true, int64(1n)],
    ['strings and bytes', ['a', utf8('b')], bytes(utf8('a'), utf8('b'))],
    ['numbers', [1, Number.NaN, -0], float(1, Number.NaN, -0)],
    ['bigints and booleans', [-3n, false], int64(-3n, 0n)],
    ['nothing', [], { kind: 'unset', values: [] }],
    ['a Float32Array', Float32Array.of(1, 2), float(1, 2)],
    ['a Float64Array', Float64Array.of(0.1), float(0.1)],
    ['a BigInt64Array', BigInt64Array.of(-1n), int64(-1n)],
    ['an Int32Array', Int32Array.of(-1, 2), int64(-1n, 2n)],
    ['an empty Uint16Array', Uint16Array.of(), int64()],
    ['a feature of bytes', { kind: 'bytes', values: [utf8('x')] }, bytes(utf8('x'))],
    ['a feature of numbers', { kind: 'float', values: [1, 2] }, float(1, 2)],
    ['a feature of a typed array', { kind: 'int64', values: BigInt64Array.of(4n) }, int64(4n)],
    ['an empty feature of a kind', { kind: 'float', values: [] }, float()],
    ['a feature without a kind', { kind: 'unset', values: [] }, { kind: 'unset', values: [] }],
  ])('takes %s', (_, value, expected) => {
    expect(toExampleInput({ examples: [{ x: value }] })).toEqual({ examples: [new Map([['x', expected]])] });
  });

  it('takes Maps and plain objects, and a context', () => {
    const examples: ExampleLike[] = [new Map([['a', 1]]), { b: 'c' }, {}];
    expect(toExampleInput({ examples, context: { q: 1n } })).toEqual({
      examples: [new Map([['a', float(1)]]), new Map([['b', bytes(utf8('c'))]]), new Map()],
      context: new Map([['q', int64(1n)]]),
    });
  });

  it('takes any name', () => {
    const example = Object.fromEntries(['__proto__', 'constructor', ''].map((name) => [name, 1]));
    expect([...toExampleInput({ examples: [example] }).examples[0]!.keys()]).toEqual(['__proto__', 'constructor', '']);
  });

  it('uses typed arrays as they are', () => {
    const values = new Float32Array(3);
    expect(toExampleInput({ examples: [{ values }] }).examples[0]!.get('values')!.values).toBe(values);
  });

  it('takes objects of another realm', () => {
    const foreign = runInNewContext("new Map([['x', new Float32Array([1])], ['b', new Uint8Array([2])]])");
    const [example] = toExampleInput({ examples: [foreign] }).examples;
    expect(Array.from(example!.get('x')!.values as Float32Array)).toEqual([1]);
    expect(Array.from((example!.get('b')!.values as Uint8Array[])[0]!)).toEqual([2]);
  });

  it.each<[unknown, string]>([
    [{ examples: undefined }, 'examples: expected a list of examples, got undefined'],
    [{ examples: { x: 1 } }, 'examples: expected a list of examples, got Object'],
    [{ examples: [{}, 3] }, 'examples[1]: expected an object or a Map of features by name, got 3'],
    [{ examples: [[1]] }, 'examples[0]: expected an object or a Map of features by name, got an array of 1'],
    [
      { examples: [Float32Array.of(1)] },
      'examples[0]: expected an object or a Map of features by name, got Float32Array',
    ],
    [{ examples: [new Map([[1, 1]])] }, 'examples[0]: expected features by name, got 1'],
    [{ examples: [{}], context: null }, 'context: expected an object or a Map of features by name, got null'],
    [{ examples: [{}], context: { q: null } }, 'context.q: expected the values of a feature, got null'],
    [{ examples: [{ x: undefined }] }, 'examples[0].x: expected the values of a feature, got undefined'],
    [{ examples: [{ x: {} }] }, 'examples[0].x: expected the values of a feature, got Object'],
    [
      { examples: [{ x: Uint8ClampedArray.of(1) }] },
      'examples[0].x: expected the values of a feature, got Uint8ClampedArray',
    ],
    [
      { examples: [{ x: [[1]] }] },
      'examples[0].x[0]: expected a string, bytes, a number, a bigint or a boolean, got an array of 1',
    ],
    [{ examples: [{ x: [1, 'a'] }] }, 'examples[0].x[1]: expected a number, got string "a"'],
    [{ examples: [{ x: ['a', 1] }] }, 'examples[0].x[1]: expected a string or bytes, got 1'],
    [{ examples: [{ x: [1n, true, 2] }] }, 'examples[0].x[2]: expected a bigint or a boolean, got 2'],
    [{ examples: [{ x: 2n ** 63n }] }, 'examples[0].x: expected an integer of 64 bits, got bigint 9223372036854775808'],
    [
      { examples: [{ x: { kind: 'int', values: [] } }] },
      'examples[0].x.kind: expected bytes, float, int64 or unset, got string "int"',
    ],
    [
      { examples: [{ x: { kind: 'float' } }] },
      'examples[0].x.values: expected a list, each element a number, got undefined',
    ],
    [
      { examples: [{ x: { kind: 'float', values: [1n] } }] },
      'examples[0].x.values[0]: expected a number, got bigint 1',
    ],
  ])('refuses case %#', (request, message) => {
    expect(() => toExampleInput(request as never)).toThrow(
      expect.objectContaining({ code: 'INVALID_ARGUMENT', message }),
    );
  });
});
