/** The reader of the server's log goes away while it serves: a log collector that crashed, a terminal that was closed. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, mkdirSync, mkdtempSync, renameSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { fixtureBasePath } from '../fixtures.js';
import type { Attack, AttackReport } from './attack.js';

const BIN = fileURLToPath(new URL('../../../cli/bin/tensorflow_model_server.js', import.meta.url));
const REQUESTS = 200;
const VERSIONS = 5;

export const closedStderr: Attack = {
  name: 'closed-stderr',
  description: 'closes the pipe behind stderr, then lets versions come and go under requests, and ends with SIGTERM',
  async run() {
    const folder = mkdtempSync(join(tmpdir(), 'serving-attack-'));
    try {
      return await attack(folder);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  },
};

async function attack(folder: string): Promise<AttackReport> {
  const model = join(folder, 'm');
  mkdirSync(model);
  addVersion(folder, 1);
  const { child, port } = await startServer(model);
  const exited = once(child, 'exit') as Promise<[number | null, NodeJS.Signals | null]>;
  const url = `http://127.0.0.1:${port}/v1/models/m`;
  child.stderr!.destroy();
  let failed = 0;
  let served = 1;
  for (let version = 2; version <= 1 + VERSIONS; version += 1) {
    addVersion(folder, version);
    for (let i = 0; i < REQUESTS / VERSIONS; i += 1) if (!(await predicts(url))) failed += 1;
    if (await becomesAvailable(`${url}/versions/${version}`)) served = version;
  }
  const ended = child.exitCode !== null || child.signalCode !== null;
  child.kill('SIGTERM');
  const [code, signal] = await exited;
  return {
    passed: failed === 0 && served === 1 + VERSIONS && !ended && code === 0,
    figures: {
      requests: REQUESTS,
      failed,
      versionsLoaded: served - 1,
      endedByItself: ended ? 'yes' : 'no',
      exit: code ?? signal ?? '',
    },
  };
}

async function startServer(basePath: string): Promise<{ child: ChildProcess; port: string }> {
  const flags = ['--port=0', '--rest_api_port=38517', '--model_name=m', `--model_base_path=${basePath}`];
  const child = spawn(process.execPath, [BIN, ...flags], { stdio: ['ignore', 'ignore', 'pipe'] });
  let log = '';
  for await (const chunk of child.stderr!.iterator({ destroyOnReturn: false })) {
    log += chunk;
    const port = /REST API at http:\/\/127\.0\.0\.1:(\d+)/.exec(log)?.[1];
    if (port !== undefined) return { child, port };
  }
  throw new Error(`The server ended before it listened: ${log}`);
}

/** Moved into place when it is whole. */
function addVersion(folder: string, version: number): void {
  const copy = join(folder, String(version));
  cpSync(join(fixtureBasePath('half_plus_two'), '123'), copy, { recursive: true });
  renameSync(copy, join(folder, 'm', String(version)));
}

async function predicts(url: string): Promise<boolean> {
  try {
    return (await fetch(`${url}:predict`, { method: 'POST', body: '{"instances": [2]}' })).ok;
  } catch {
    return false;
  }
}

/** Polls the status for a while; the server looks for versions every second. */
async function becomesAvailable(url: string): Promise<boolean> {
  for (let attempt = 0; attempt < 100; attempt += 1) {
    try {
      if ((await (await fetch(url)).text()).includes('AVAILABLE')) return true;
    } catch {
      return false;
    }
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  return false;
}
