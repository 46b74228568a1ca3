import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, mkdirSync, mkdtempSync, openSync, renameSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it, onTestFinished } from 'vitest';

const halfPlusTwo = fileURLToPath(new URL('../../../savedmodel/fixtures/half_plus_two/123', import.meta.url));
const LONG = 60_000;
const SIGPIPE_EXIT = 141;
const commands = ['serving', 'saved_model_cli'] as const;

type Stdio = 'pipe' | 'ignore' | number;

function run(command: string, args: readonly string[], stdout: Stdio, stderr: Stdio) {
  const bin = fileURLToPath(new URL(`../../bin/${command}.js`, import.meta.url));
  const child = spawn(process.execPath, [bin, ...args], { stdio: ['ignore', stdout, stderr] });
  onTestFinished(() => void child.kill('SIGKILL'));
  const texts = { out: '', err: '' };
  child.stdout?.on('data', (chunk: Buffer) => (texts.out += chunk));
  child.stderr?.on('data', (chunk: Buffer) => (texts.err += chunk));
  const closed = once(child, 'close').then(([code, signal]) => ({ code, signal, ...texts }));
  return { child, closed };
}

/** Every write to it fails: the disk is full. */
const fullDisk = (): number => openSync('/dev/full', 'w');

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

describe.each(commands)('%s', (command) => {
  it('ends as by SIGPIPE, without a word, when the reader of its stdout is gone', { timeout: LONG }, async () => {
    const { child, closed } = run(command, ['--help'], 'pipe', 'pipe');
    child.stdout!.destroy();
    expect(await closed).toMatchObject({ code: SIGPIPE_EXIT, err: '' });
  });

  it('keeps its exit code when the reader of its stderr is gone', { timeout: LONG }, async () => {
    const { child, closed } = run(command, ['nonsense'], 'pipe', 'pipe');
    child.stderr!.destroy();
    expect(await closed).toMatchObject({ code: 2, out: '' });
  });

  it.runIf(process.platform === 'linux')('says that its stdout is on a full disk', { timeout: LONG }, async () => {
    const { closed } = run(command, ['--help'], fullDisk(), 'pipe');
    expect(await closed).toMatchObject({ code: 1, err: expect.stringMatching(`^${command}: stdout: ENOSPC: .*\n$`) });
  });
});

describe('tensorflow_model_server', () => {
  const lost = process.platform === 'linux' ? ['a closed pipe', 'a full disk'] : ['a closed pipe'];

  it.each(lost)(
    'serves on, loads the next version and drains with its stderr on %s',
    { timeout: LONG },
    async (kind) => {
      const folder = mkdtempSync(join(tmpdir(), 'serving-readers-'));
      onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
      mkdirSync(join(folder, 'm'));
      cpSync(halfPlusTwo, join(folder, 'm', '1'), { recursive: true });
      cpSync(halfPlusTwo, join(folder, 'next'), { recursive: true });
      const port = await freePort();
      const flags = ['--port=0', `--rest_api_port=${port}`, '--model_name=m', `--model_base_path=${folder}/m`];
      const isPipe = kind === 'a closed pipe';
      const { child, closed } = run('tensorflow_model_server', flags, 'ignore', isPipe ? 'pipe' : fullDisk());
      const url = `http://127.0.0.1:${port}/v1/models/m`;
      const statusOf = (version: number): Promise<string> =>
        fetch(`${url}/versions/${version}`).then(
          (response) => response.text(),
          (error) => String(error),
        );
      await expect.poll(() => statusOf(1), { timeout: 30_000, interval: 50 }).toContain('AVAILABLE');
      child.stderr?.destroy();
      // Its lines about the next version are what it can't write.
      renameSync(join(folder, 'next'), join(folder, 'm', '2'));
      await expect.poll(() => statusOf(2), { timeout: 30_000, interval: 50 }).toContain('AVAILABLE');
      await expect.poll(() => statusOf(1), { timeout: 30_000, interval: 50 }).toContain('END');
      const predicted = await fetch(`${url}:predict`, { method: 'POST', body: '{"instances": [2]}' });
      expect(await predicted.json()).toEqual({ predictions: [3] });
      child.kill('SIGTERM');
      expect(await closed).toMatchObject({ code: 0, signal: null });
    },
  );
});
