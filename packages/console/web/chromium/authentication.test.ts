import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { hasChromium, launchChromium, openPage } from './browser.test-support.js';

const run = promisify(execFile);
const example = (name: string): string =>
  fileURLToPath(new URL(`../../../../examples/authenticated/${name}`, import.meta.url));
const model = fileURLToPath(new URL('../../../savedmodel/fixtures/half_plus_two', import.meta.url));

describe.skipIf(!hasChromium)('the console behind the authentication of an application', () => {
  let folder: string;
  let app: ChildProcess;
  let browser: Browser;
  let base: string;
  let password: string;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'serving-console-authenticated-'));
    const clients = join(folder, 'clients.json');
    const added = await run(process.execPath, [example('add-client.js'), clients, 'ops', 'predict', 'operate']);
    password = added.stdout.trim();
    app = spawn(process.execPath, [example('server.js'), model, clients], {
      env: { ...process.env, PORT: '0', GRPC_PORT: '0' },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    for await (const line of createInterface(app.stdout!)) {
      const [, port] = /^listening on (\d+)$/.exec(line) ?? [];
      if (port === undefined) continue;
      base = `http://127.0.0.1:${port}/console/`;
      break;
    }
    browser = await launchChromium();
  });

  afterAll(async () => {
    await browser?.close();
    const ended = once(app, 'exit');
    app.kill('SIGTERM');
    await ended;
    await rm(folder, { recursive: true });
  });

  it('is not answered to those that the application does not know', async () => {
    for (const target of ['', 'api/snapshot', 'api/events']) {
      const { status, headers } = await fetch(base + target);
      expect([target, status, headers.get('www-authenticate')]).toEqual([target, 401, expect.stringMatching(/^Basic/)]);
    }
  });

  it('asks for nothing by itself, and works with what the browser was asked for', async () => {
    const httpCredentials = { username: 'ops', password };
    const { page, close } = await openPage(browser, `${base}#/try/half_plus_two`, { httpCredentials });
    let dialogs = 0;
    page.on('dialog', () => dialogs++);
    await page.getByRole('textbox', { name: 'Values of x' }).fill('[1, 2]');
    await page.getByRole('button', { name: 'Send' }).click();
    const cells = page.getByRole('region', { name: 'Values of y' }).locator('td');
    await cells.first().waitFor();
    expect(await cells.allTextContents()).toEqual(['3.5', '4']);
    expect(await page.locator('input[type=password]').count()).toBe(0);
    expect(dialogs).toBe(0);
    await close();
  });
});
