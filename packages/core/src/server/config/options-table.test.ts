import { describe, expect, it } from 'vitest';
import { checkOptions, type OptionKind, type OptionsTable, optionKinds } from './options-table.js';

interface Options {
  readonly port: number;
  readonly waitMs?: number | false;
}

const table: OptionsTable<Options> = {
  port: { ...optionKinds.port, isRequired: true, default: 'required', meaning: 'where to listen' },
  waitMs: { ...optionKinds.positiveOrFalse, default: 10, meaning: 'how long to wait' },
};

describe('checkOptions', () => {
  it.each([{ port: 0 }, { port: 8501, waitMs: false }, { port: 1, waitMs: undefined }])('accepts %o', (options) => {
    expect(() => checkOptions(options, table, 'listen()')).not.toThrow();
  });

  it.each<[unknown, string]>([
    [undefined, 'Options of listen() must be an object (got undefined)'],
    [{ prot: 1 }, 'Unknown option "prot" of listen(): did you mean "port"? Options: port, waitMs'],
    [{}, 'Option "port" of listen() is missing: where to listen'],
    [{ port: '1' }, 'Option "port" of listen() must be a port, an integer between 0 and 65535, got "1"'],
    [{ port: 1, waitMs: 0 }, 'Option "waitMs" of listen() must be a number over 0, or false for no limit, got 0'],
    [{ port: 1, waitMs: null }, 'or false for no limit, got null'],
    [{ port: 1, waitMs: () => 1 }, 'or false for no limit, got a function'],
    [{ port: [1] }, 'got a list'],
  ])('refuses %o', (options, message) => {
    expect(() => checkOptions(options, table, 'listen()')).toThrow(
      expect.objectContaining({ code: 'INVALID_ARGUMENT', message: expect.stringContaining(message) }),
    );
  });
});

describe('optionKinds', () => {
  const { boolean, text, callback, positive, positiveOrFalse, fromZero, port, integer, oneOf, list, object } =
    optionKinds;
  it.each<[string, OptionKind, unknown[], unknown[]]>([
    ['boolean', boolean, [true, false], ['true', 1, null]],
    ['text', text, ['', 'a'], [1, null]],
    ['callback', callback, [() => 1], ['a', {}]],
    ['positive', positive, [0.5, Number.POSITIVE_INFINITY], [0, -1, Number.NaN, '1', false]],
    ['positiveOrFalse', positiveOrFalse, [false, 1], [true, 0, Number.NaN]],
    ['fromZero', fromZero, [0, 1], [-1, Number.NaN, false]],
    ['port', port, [0, 65_535], [-1, 65_536, 80.5, '80']],
    ['integer from 1', integer(1), [1, 2 ** 31], [0, 1.5, Number.NaN, '1']],
    ['oneOf', oneOf('a', 'b', true), ['a', 'b', true], ['c', false]],
    [
      'list of strings',
      list('strings', 'strings', (item) => typeof item === 'string'),
      [[], ['a']],
      [['a', 1], 'a', {}],
    ],
    ['object with methods', object('`Clock`', 'a clock', 'now'), [{ now: () => 1 }], [{}, { now: 1 }, [], null]],
  ])('%s takes some values and no others', (_name, kind, accepted, refused) => {
    expect(accepted.map(kind.accepts)).toEqual(accepted.map(() => true));
    expect(refused.map(kind.accepts)).toEqual(refused.map(() => false));
  });

  it('names the values of a choice', () => {
    expect(oneOf('a').expected).toBe('"a"');
    expect(oneOf(true, 'a', 'b')).toMatchObject({ expected: 'true, "a" or "b"', type: "`true`, `'a'`, `'b'`" });
  });
});
