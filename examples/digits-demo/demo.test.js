import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { describe, expect, it } from 'vitest';
import { beside, runExample } from '../test-support/example-process.js';
import { stays } from './stay.js';

describe('the digits demo', () => {
  it('classifies real digits and swaps the version without a failed request', async () => {
    const printed = await runExample(beside(import.meta.url)('demo.js'));
    const right = Number(/(\d) of 8 as the people/.exec(printed)?.[1]);
    expect(right).toBeGreaterThanOrEqual(7);
    expect(printed).toMatch(/before the swap +version 1 answers/);
    expect(printed).toMatch(/after the swap +version 2 answers/);
    expect(printed).toMatch(/requests failed +0\n/);
    expect(printed).not.toContain('/console/');
  });

  it('stays up with --stay, answers the console, and ends with 0 on Ctrl+C', async () => {
    const child = spawn(process.execPath, [beside(import.meta.url)('demo.js'), '--stay'], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const exited = once(child, 'exit');
    let printed = '';
    for await (const chunk of child.stdout.iterator({ destroyOnReturn: false })) {
      printed += chunk;
      if (printed.includes('Ctrl+C ends it.')) break;
    }
    child.stdout.resume();
    const [, url] = /(http:\S+\/console\/)\n/.exec(printed);
    const snapshot = await (await fetch(`${url}api/snapshot`)).json();
    expect(snapshot.models).toMatchObject([{ name: 'digits', versions: [{ version: '2', state: 'AVAILABLE' }, {}] }]);
    child.kill('SIGINT');
    expect(await exited).toEqual([0, null]);
  });
});

describe('stays', () => {
  it.each([
    [[], true, {}, true],
    [[], false, {}, false],
    [[], true, { CI: 'true' }, false],
    [['--stay'], false, { CI: 'true' }, true],
    [['--exit'], true, {}, false],
  ])('with %j, a terminal: %s, in %j is %s', (argv, isTTY, env, expected) => {
    expect(stays(argv, { isTTY, env })).toBe(expected);
  });
});
