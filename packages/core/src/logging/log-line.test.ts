import { describe, expect, it } from 'vitest';
import { ServingError } from '../serving-error.js';
import { jsonLine, type LogRecord, textLine } from './log-line.js';

const timeMs = Date.UTC(2026, 11, 1, 10);
const record = (fields: object, message = 'model loaded', level: LogRecord['level'] = 'info'): LogRecord => ({
  level,
  timeMs,
  message,
  fields: fields as Record<string, unknown>,
});

describe('textLine', () => {
  it('has time, level, message and fields', () => {
    const fields = { model: 'digits', version: 2, engine: 'onnx', durationMs: 340 };
    expect(textLine(record(fields), false)).toBe(
      '2026-12-01T10:00:00.000Z info model loaded name=digits version=2 engine=onnx ms=340',
    );
  });

  it.each<[string, unknown, string]>([
    ['a plain word', 'half_plus-two.v1', 'half_plus-two.v1'],
    ['a path', '/models/digits/1', '/models/digits/1'],
    ['letters of any language', '模型', '模型'],
    ['spaces', 'half plus two', '"half plus two"'],
    ['nothing', '', '""'],
    ['an equals sign', 'a=b', '"a=b"'],
    ['quotes and backslashes', 'a "b" \\', '"a \\"b\\" \\\\"'],
    ['a line break', 'a\n2026 error forged', '"a\\n2026 error forged"'],
    ['an escape sequence', '\u001b[2J', '"\\u001b[2J"'],
    ['a list', ['a/1', 'b/2'], 'a/1,b/2'],
    ['a list with spaces', ['a 1', 'b'], '"a 1,b"'],
    ['an error', new ServingError('NOT_FOUND', 'no file', { hint: 'make one' }), '"no file (make one)"'],
    ['an object with a message', { type: 'Error', message: 'no file' }, '"no file"'],
  ])('writes %s', (_, value, text) => {
    expect(textLine(record({ value }), false)).toMatch(new RegExp(`value=${escaped(text)}$`, 'u'));
  });

  it('joins the messages of causes, and leaves out what is said already', () => {
    const cause = new Error('open failed', { cause: new Error('ENOENT') });
    const err = new ServingError('NOT_FOUND', 'no model: open failed', { cause });
    expect(textLine(record({ err }, 'model failed', 'error'), false)).toContain(
      'error model failed error="no model: open failed: ENOENT"',
    );
    expect(textLine(record({ code: 'NOT_FOUND', err }, 'no model: open failed: ENOENT', 'warn'), false)).toBe(
      '2026-12-01T10:00:00.000Z warn no model: open failed: ENOENT code=NOT_FOUND',
    );
  });

  it('leaves out an error of the file system whose path is named', () => {
    const cause = Object.assign(new Error("ENOENT: no such file or directory, open '/m'"), { path: '/m' });
    const err = new ServingError('NOT_FOUND', '/m; No such file or directory', { cause });
    expect(textLine(record({ err }), false)).toMatch(/ error="\/m; No such file or directory"$/);
  });

  it('has colours where they are wanted', () => {
    expect(textLine(record({ model: 'm' }, 'model failed', 'error'), true)).toBe(
      '\u001b[90m2026-12-01T10:00:00.000Z\u001b[39m \u001b[31merror\u001b[39m model failed \u001b[90mname=\u001b[39mm',
    );
  });

  it('keeps a message on its line', () => {
    expect(textLine(record({}, 'a\nb'), false)).toBe('2026-12-01T10:00:00.000Z info a\\nb');
  });
});

describe('jsonLine', () => {
  it('is shaped as by pino', () => {
    const err = new ServingError('NOT_FOUND', 'no\nm', { cause: new Error('why') });
    expect(JSON.parse(jsonLine(record({ model: 'm', version: 2n ** 60n, err }, 'model failed', 'error')))).toEqual({
      level: 50,
      time: timeMs,
      model: 'm',
      version: '1152921504606846976',
      err: { type: 'ServingError', code: 'NOT_FOUND', message: 'no\\nm: why' },
      msg: 'model failed',
    });
  });
});

const escaped = (text: string): string => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
