import { afterEach, describe, expect, it } from 'vitest';
import { packageOrigins } from './package-origins.js';

describe('packageOrigins', () => {
  const { argv, execArgv } = process;
  afterEach(() => {
    Object.assign(process, { argv, execArgv });
  });

  function started(script: string | undefined, ...flags: string[]): readonly string[] {
    process.argv = script === undefined ? [argv[0]!] : [argv[0]!, script];
    process.execArgv = flags;
    return packageOrigins('file:///own.js');
  }

  it("is the caller's own file, then the main script", () => {
    expect(started('/app/server.js', '--enable-source-maps')).toEqual(['file:///own.js', '/app/server.js']);
  });

  it.each([
    ['no script'],
    ['a script of another form', 'server.js'],
    ['code on the command line', '/tmp/x', '-e'],
    ['code on the command line, long', '/tmp/x', '--eval=1'],
    ['code whose value is printed', '/tmp/x', '-p'],
  ])('is the own file alone for %s', (_, script?: string, ...flags: string[]) => {
    expect(started(script, ...flags)).toEqual(['file:///own.js']);
  });
});
