import type { Logger } from '@serving/core/extend';
import { pino } from 'pino';
import { describe, expect, it } from 'vitest';
import { predict, startServer } from './fake-server.test-support.js';
import { attachLogger } from './log-server.js';

type Level = keyof Logger;

function recorder(): { logger: Logger; lines: [Level, Record<string, unknown>, string][] } {
  const lines: [Level, Record<string, unknown>, string][] = [];
  const at = (level: Level) => (fields: object, message: string) => void lines.push([level, { ...fields }, message]);
  return { logger: { debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') }, lines };
}

describe('attachLogger before the start', () => {
  it('tells the loads of a start, and why one failed', async () => {
    const { logger, lines } = recorder();
    const stop = attachLogger(logger);
    await startServer({}, ['good', 'broken']);
    stop();
    const good = lines.filter(([, { model }]) => model === 'good');
    expect(good.map(([level, , message]) => [level, message])).toEqual([
      ['debug', 'model load begins'],
      ['info', 'model loaded'],
    ]);
    expect(good[1]![1]).toEqual({ model: 'good', version: 1, durationMs: expect.any(Number) });
    const failed = lines.find(([level]) => level === 'error');
    expect(failed).toEqual([
      'error',
      { model: 'broken', version: 1, code: 'UNKNOWN', err: expect.objectContaining({ code: 'UNKNOWN' }) },
      'model failed',
    ]);
  });

  it('has fields that JSON holds, for versions beyond 2^53 too', async () => {
    const { logger, lines } = recorder();
    const stop = attachLogger(logger);
    const children = async (): Promise<string[]> => ['20241130113432123'];
    await startServer({ storage: { listChildren: children, join: (folder, child) => `${folder}/${child}` } });
    stop();
    expect(JSON.stringify(lines[0]![1])).toBe('{"model":"good","version":"20241130113432123"}');
  });

  it('logs every server and its requests, until it is stopped', async () => {
    const { logger, lines } = recorder();
    const stop = attachLogger(logger, { requests: true });
    const servers = [await startServer(), await startServer()];
    for (const server of servers) await predict(server, [1]);
    expect(lines.filter(([, , message]) => message === 'request answered')).toHaveLength(2);
    expect(lines.filter(([, , message]) => message === 'model loaded')).toHaveLength(2);
    stop();
    lines.length = 0;
    await predict(await startServer(), [1]);
    await servers[0]!.removeModel('good');
    expect(lines).toEqual([]);
  });
});

describe('attachLogger to a server', () => {
  it('begins with the states of its versions', async () => {
    const { logger, lines } = recorder();
    attachLogger(await startServer({}, ['good', 'broken']), logger)();
    expect(lines).toEqual([
      ['info', { model: 'good', version: 1 }, 'model loaded'],
      ['error', { model: 'broken', version: 1, code: 'UNKNOWN' }, expect.stringMatching(/^model failed: .*no data/)],
    ]);
  });
});

describe('attachLogger of a console', () => {
  it('prints one line for each event, text first, without stacks', async () => {
    const lines: string[] = [];
    const at =
      (level: string) =>
      (...values: unknown[]): void =>
        void lines.push(`${level}: ${values.join('|').replace(/^\S+ /, '')}`);
    const target = { debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error'), table: at('table') };
    const stop = attachLogger(target as unknown as Console, { requests: true });
    const server = await startServer({}, ['good', 'broken']);
    await predict(server, [1]);
    await predict(server, [1], 'nope').catch(() => undefined);
    stop();
    expect(lines.map((line) => line.replace(/ms=[\d.]+/, 'ms=N')).sort()).toEqual([
      'debug: debug model load begins name=broken version=1',
      'debug: debug model load begins name=good version=1',
      'debug: debug request answered api=Predict entrypoint=IN_PROCESS name=good version=1 signature=serving_default code=OK ms=N',
      'error: error model failed name=broken version=1 code=UNKNOWN error="Failed to load {name: broken version: 1}: no data"',
      'info: info model loaded name=good version=1 ms=N',
      'info: info model server started models=good/1 unavailable=broken',
      expect.stringMatching(/^warn: warn Servable not found for request: .* name=nope code=NOT_FOUND ms=N$/),
    ]);
  });
});

describe('attachLogger of pino', () => {
  it('writes fields as JSON, errors without a stack where the caller was wrong', async () => {
    const lines: Record<string, unknown>[] = [];
    const logger = pino({ level: 'debug', base: null }, { write: (line: string) => lines.push(JSON.parse(line)) });
    const stop = attachLogger(logger, { requests: true });
    const server = await startServer({}, ['good', 'broken']);
    await predict(server, [1], 'nope').catch(() => undefined);
    stop();
    const byMessage = (text: string) => lines.find(({ msg }) => String(msg).startsWith(text));
    const time = expect.any(Number);
    const durationMs = expect.any(Number);
    expect(byMessage('model loaded')).toEqual({
      level: 30,
      time,
      model: 'good',
      version: 1,
      durationMs,
      msg: 'model loaded',
    });
    expect(byMessage('model failed')).toMatchObject({ level: 50, model: 'broken', err: { code: 'UNKNOWN' } });
    const request = byMessage('Servable not found');
    expect(request).toMatchObject({ level: 40, model: 'nope', code: 'NOT_FOUND', err: { code: 'NOT_FOUND' } });
    expect(JSON.stringify(request)).not.toContain('    at ');
  });
});

describe('attachLogger', () => {
  it('keeps names from outside, and the errors that repeat them, on one line', async () => {
    const { logger, lines } = recorder();
    const server = await startServer();
    const stop = attachLogger(server, logger, { requests: true });
    await server.addModel({ name: 'a\nb', basePath: 'x' });
    await server.removeModel('a\nb');
    lines.length = 0;
    await server.addModel({ name: 'c\u001b[2J', basePath: 'x' });
    await predict(server, [1], 'nope\nERROR forged').catch(() => undefined);
    stop();
    const text = lines.flatMap(([, { err, durationMs: _, ...fields }, message]) => {
      const { message: reason = '', stack = '', cause } = (err ?? {}) as Partial<Error>;
      expect(stack).not.toContain('\nERROR');
      expect(cause).toBeUndefined();
      return [message, reason, ...Object.values(fields).map(String)];
    });
    expect(text).toContain('good,c\\u001b[2J');
    expect(text).toContain('nope\\nERROR forged');
    expect(text.join('')).not.toMatch(/\p{Cc}/u);
  });

  it('tells what happens from now on, until it is stopped', async () => {
    const { logger, lines } = recorder();
    const server = await startServer();
    const stop = attachLogger(server, logger);
    await server.addModel({ name: 'other', basePath: 'other' });
    expect(lines[1]).toEqual(['info', { models: ['good', 'other'] }, 'model configuration reloaded']);
    stop();
    lines.length = 0;
    await server.removeModel('other');
    expect(lines).toEqual([]);
  });

  it('tells requests of this server where it is asked to, by whose fault they failed', async () => {
    const { logger, lines } = recorder();
    const [server, other] = [await startServer(), await startServer()];
    const stop = attachLogger(server, logger, { requests: true });
    await predict(server, [1]);
    await predict(other, [1]);
    await predict(server, [1], 'nope').catch(() => undefined);
    await server.close();
    await predict(server, [1]).catch(() => undefined);
    stop();
    const requests = lines.filter(([, { api }]) => api === 'Predict');
    const common = { api: 'Predict', entrypoint: 'IN_PROCESS', durationMs: expect.any(Number) };
    expect(requests.map(([level, { err: _, ...fields }]) => [level, fields])).toEqual([
      ['debug', { ...common, model: 'good', version: 1, signature: 'serving_default', code: 'OK' }],
      ['warn', { ...common, model: 'nope', code: 'NOT_FOUND' }],
      ['error', { ...common, model: 'good', code: 'UNAVAILABLE' }],
    ]);
  });
});

describe('attachLogger without a logger', () => {
  it.each([
    ['nothing', undefined, 'got undefined'],
    ['a function', () => undefined, 'got function'],
    ['a promise', Promise.resolve(), 'got a promise: await it first'],
    ['an object of other methods', { log: () => undefined }, 'got object'],
  ])('rejects %s', (_, logger, got) => {
    expect(() => attachLogger(logger as never)).toThrow(
      expect.objectContaining({
        code: 'INVALID_ARGUMENT',
        message: `attachLogger() needs a logger with debug, info, warn, error, such as pino() or console, ${got}`,
      }),
    );
  });
});
