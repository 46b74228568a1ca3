/** A real Chromium, and pages of it that notice what the console must not do. */
import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { type Browser, chromium, type Page } from 'playwright-core';
import { expect } from 'vitest';

const executablePath = process.env.CHROMIUM_PATH ?? '/usr/bin/chromium';

/** Whether there is a Chromium; without it a line says that the tests are skipped. */
export const hasChromium: boolean = existsSync(executablePath);
if (!hasChromium) {
  process.stdout.write(
    `SKIPPED: the console's pages are not tested, as "${executablePath}" is missing (set CHROMIUM_PATH)\n`,
  );
}

/** Screenshots of the last run; `node packages/console/scripts/copy-screenshots.mjs` brings them to the docs. */
export const screenshots: string = fileURLToPath(new URL('../../../../.cache/console-screenshots', import.meta.url));
mkdirSync(screenshots, { recursive: true });

export function launchChromium(): Promise<Browser> {
  const args = ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-sync'];
  return chromium.launch({
    executablePath,
    args: [...args, '--disable-background-networking', '--disable-component-update', '--font-render-hinting=none'],
  });
}

export interface PageSettings {
  readonly colorScheme?: 'light' | 'dark';
  readonly width?: number;
  /** What a person has told the browser. */
  readonly httpCredentials?: { readonly username: string; readonly password: string };
}

/** A page whose errors and requests are kept. */
export interface WatchedPage {
  readonly page: Page;
  /** Throws for errors in the page, refused contents, and requests to other origins; then closes it. */
  close(): Promise<void>;
}

export async function openPage(browser: Browser, address: string, settings: PageSettings = {}): Promise<WatchedPage> {
  const { colorScheme = 'light', width = 1280, httpCredentials } = settings;
  const viewport = { width, height: width > 600 ? 800 : 844 };
  const context = await browser.newContext({ viewport, colorScheme, ...(httpCredentials && { httpCredentials }) });
  const page = await context.newPage();
  page.setDefaultTimeout(15_000);
  const wrong: string[] = [];
  const origin = new URL(address).origin;
  page.on('pageerror', (error) => wrong.push(String(error)));
  page.on('console', (message) => {
    // The server's refusals of wrong inputs are answers with status 400, which Chromium reports here.
    if (message.type() === 'error' && !message.text().includes('status of 400')) wrong.push(message.text());
  });
  page.on('request', (request) => {
    if (!request.url().startsWith(`${origin}/`)) wrong.push(`request to ${request.url()}`);
  });
  await page.goto(address);
  await page.getByText('live', { exact: true }).waitFor();
  return {
    page,
    async close() {
      await context.close();
      expect(wrong).toEqual([]);
    },
  };
}

const axeSource = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

interface AxeViolation {
  readonly id: string;
  readonly impact: string;
  readonly nodes: readonly { readonly html: string; readonly failureSummary: string }[];
}

/** What axe-core finds serious or critical. */
export async function seriousFindings(page: Page): Promise<string[]> {
  await page.evaluate(axeSource);
  const violations = (await page.evaluate('axe.run().then(({ violations }) => violations)')) as AxeViolation[];
  return violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .flatMap(({ id, nodes }) => nodes.map(({ html, failureSummary }) => `${id}: ${html} ${failureSummary}`));
}
