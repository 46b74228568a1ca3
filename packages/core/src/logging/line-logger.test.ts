import { describe, expect, it } from 'vitest';
import { ManualClock } from '../../../testing/src/manual-clock.js';
import { consoleLogger, lineLogger, wantsColors } from './line-logger.js';

describe('wantsColors', () => {
  it.each<[boolean, Record<string, string>, boolean]>([
    [true, {}, true],
    [false, {}, false],
    [true, { NO_COLOR: '1' }, false],
    [true, { NO_COLOR: '' }, true],
    [false, { FORCE_COLOR: '1' }, true],
    [false, { FORCE_COLOR: '' }, true],
    [true, { FORCE_COLOR: '0' }, false],
    [true, { FORCE_COLOR: '1', NO_COLOR: '1' }, true],
    [true, { TERM: 'dumb' }, false],
  ])('terminal %s with %j: %s', (isTerminal, env, expected) => {
    expect(wantsColors(isTerminal, env)).toBe(expected);
  });
});

describe('lineLogger', () => {
  it.each(['text', 'json'] as const)('writes %s lines from the level info on', (format) => {
    const lines: string[] = [];
    const logger = lineLogger({
      write: (line) => lines.push(line),
      format,
      hasColors: false,
      clock: new ManualClock(),
    });
    logger.debug({}, 'no line');
    logger.info({ model: 'm' }, 'model loaded');
    const expected = {
      text: '2023-11-14T22:13:20.000Z info model loaded name=m',
      json: '{"level":30,"time":1700000000000,"model":"m","msg":"model loaded"}',
    };
    expect(lines).toEqual([expected[format]]);
  });
});

describe('consoleLogger', () => {
  it('calls the method of the level with one line', () => {
    const calls: [string, unknown[]][] = [];
    const at =
      (method: string) =>
      (...values: unknown[]): void =>
        void calls.push([method, values]);
    const target = { debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error'), table: at('table') };
    consoleLogger(target, new ManualClock()).warn({ err: new Error('why') }, 'model failed');
    expect(calls).toEqual([['warn', ['2023-11-14T22:13:20.000Z warn model failed error=why']]]);
  });
});
