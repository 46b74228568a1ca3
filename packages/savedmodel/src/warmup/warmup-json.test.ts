import { describe, expect, it } from 'vitest';
import { parseWarmupJson } from './warmup-json.js';

const inputsOf = (name: string | undefined): string[] => (name === 'pair' ? ['a', 'b'] : ['x']);
const parse = (value: unknown) => parseWarmupJson(JSON.stringify(value), 'warm.json', inputsOf);

describe('parseWarmupJson', () => {
  it.each([
    [{ inputs: { x: [1, 2] } }, { predict: { inputs: { x: [1, 2] } } }],
    [{ inputs: [1, 2] }, { predict: { inputs: { x: [1, 2] } } }],
    [{ instances: [1, 2] }, { predict: { inputs: { x: [1, 2] } } }],
    [
      {
        method: 'predict',
        signature_name: 'pair',
        instances: [
          { a: 1, b: [2] },
          { a: 3, b: [4] },
        ],
      },
      { predict: { signatureName: 'pair', inputs: { a: [1, 3], b: [[2], [4]] } } },
    ],
    [{ inputs: { x: [{ b64: 'AAE=' }] } }, { predict: { inputs: { x: [Uint8Array.of(0, 1)] } } }],
    [
      { method: 'classify', signature_name: 's', examples: [{ x: 1.5, n: [1, -2] }], context: { y: 'a 1' } },
      { classify: { signatureName: 's', examples: [{ x: 1.5, n: [1n, -2n] }], context: { y: 'a 1' } } },
    ],
    [{ method: 'regress', examples: [{ x: 0.5 }] }, { regress: { examples: [{ x: 0.5 }] } }],
  ])('reads %j', (item, request) => {
    expect(parse([item])).toEqual([request]);
  });

  it('tells whole numbers of examples from others, and keeps large ones', () => {
    const text =
      '[{ "method": "regress", "examples": [{ "a": 1, "b": 1.0, "c": 1e0 }] }, { "inputs": { "x": 9007199254740993 } }]';
    expect(parseWarmupJson(text, 'f', inputsOf)).toEqual([
      { regress: { examples: [{ a: 1n, b: 1, c: 1 }] } },
      { predict: { inputs: { x: 9007199254740993n } } },
    ]);
  });

  it.each([
    [{}, 'warm.json: expected a list of requests'],
    [[1], 'warm.json, request 1: expected an object'],
    [[{}], 'warm.json, request 1: expected either inputs or instances'],
    [[{ inputs: [1] }, { inputs: {}, instances: [] }], 'warm.json, request 2: expected either inputs or instances'],
    [[{ instances: 3 }], 'warm.json, request 1: instances: expected a list'],
    [[{ method: 'run' }], 'warm.json, request 1: method: expected predict, classify or regress, got "run"'],
    [[{ inputs: {}, name: 1 }], 'warm.json, request 1: unknown name; expected inputs or instances'],
    [
      [{ signature_name: 'pair', inputs: [1] }],
      'warm.json, request 1: the signature has 2 inputs (a, b), which must be named',
    ],
  ])('refuses %j', (value, message) => {
    expect(() => parse(value)).toThrow(expect.objectContaining({ code: 'INVALID_ARGUMENT', message }));
  });

  it('rejects a text that is not JSON', () => {
    expect(() => parseWarmupJson('[', 'warm.json', inputsOf)).toThrow(/^warm\.json: no JSON/);
  });
});
