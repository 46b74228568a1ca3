/** The site as a reader meets it: every link of the built pages, and the search of a real browser. */
import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { extname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { chromium } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { pages } from './.vitepress/book.mjs';

const site = fileURLToPath(new URL('../.cache/site', import.meta.url));
const executablePath = process.env.CHROMIUM_PATH ?? '/usr/bin/chromium';
const hasChromium = existsSync(executablePath);
if (!hasChromium) {
  process.stdout.write(`SKIPPED: the site is not opened, as "${executablePath}" is missing (set CHROMIUM_PATH)\n`);
}

/** The file that an address of the site leads to. */
const fileAt = (address) => join(site, address.endsWith('/') ? `${address}index.html` : address);

const types = { '.html': 'text/html', '.js': 'text/javascript', '.css': 'text/css', '.svg': 'image/svg+xml' };

const server = createServer((request, response) => {
  const file = fileAt(new URL(request.url, 'http://site').pathname);
  if (!existsSync(file)) return response.writeHead(404).end();
  response.setHeader('content-type', types[extname(file)] ?? 'application/octet-stream');
  return response.end(readFileSync(file));
});

beforeAll(() => {
  execFileSync(process.execPath, [fileURLToPath(new URL('.vitepress/build-site.mjs', import.meta.url))], {
    stdio: 'pipe',
  });
}, 300_000);

describe('the built site', () => {
  it('has no link that leads nowhere, anchors included', () => {
    const names = readdirSync(site, { recursive: true }).filter(
      (name) => name.endsWith('.html') && name !== '404.html',
    );
    const html = new Map(names.map((name) => [join(site, name), readFileSync(join(site, name), 'utf8')]));
    const broken = [...html].flatMap(([file, text]) => {
      const address = `/${file.slice(site.length + 1)}`;
      const links = Array.from(text.matchAll(/<a [^>]*href="([^"]+)"/g), ([, href]) => href);
      return links
        .filter((href) => !/^[a-z]+:/.test(href))
        .filter((href) => {
          const { pathname, hash } = new URL(href, `http://site${address}`);
          const target = fileAt(decodeURIComponent(pathname));
          if (!existsSync(target)) return true;
          const id = decodeURIComponent(hash.slice(1));
          return id !== '' && !html.get(target)?.includes(` id="${id}"`);
        })
        .map((href) => `${address}: ${href}`);
    });
    expect(html.size).toBeGreaterThan(pages.length);
    expect(broken).toEqual([]);
  });

  it('lists every page in llms.txt, as Markdown beside the HTML', () => {
    const text = readFileSync(join(site, 'llms.txt'), 'utf8');
    const listed = Array.from(text.matchAll(/^- \[[^\]]+\]\(\/([^)]+)\)/gm), ([, page]) => page);
    expect(listed).toEqual(pages);
    const whole = readFileSync(join(site, 'llms-full.txt'), 'utf8');
    expect(listed.filter((page) => !whole.includes(readFileSync(join(site, page), 'utf8')))).toEqual([]);
  });
});

describe.skipIf(!hasChromium)('the site in Chromium', () => {
  let browser;
  let page;
  let base;
  const wrong = [];

  beforeAll(async () => {
    await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
    base = `http://127.0.0.1:${server.address().port}`;
    browser = await chromium.launch({ executablePath, args: ['--no-sandbox', '--disable-gpu', '--no-first-run'] });
    page = await browser.newPage();
    page.setDefaultTimeout(60_000);
    page.on('pageerror', (error) => wrong.push(String(error)));
    page.on('request', (request) => {
      if (!request.url().startsWith(`${base}/`) && !request.url().startsWith('data:')) wrong.push(request.url());
    });
  });

  afterAll(async () => {
    await browser?.close();
    server.close();
  });

  it('finds a page by a word in it', async () => {
    await page.goto(`${base}/`);
    await page.getByRole('button', { name: 'Search' }).click();
    await page.getByRole('searchbox').fill('graceful shutdown');
    await page.locator('.VPLocalSearchBox .result').first().click();
    await page.waitForURL('**/guides/deployment.html#graceful-shutdown');
    await page.getByRole('heading', { name: 'Graceful shutdown' }).waitFor();
  });

  it('leads through the book by the links at the end of each page', async () => {
    await page.goto(`${base}/${pages[0].replace('.md', '.html')}`);
    for (const next of pages.slice(1, 4)) {
      await page.locator('.vp-doc p').last().getByRole('link').last().click();
      await page.waitForURL(`**/${next.replace('.md', '.html')}`);
    }
  });

  it('shows the sources that pages refer to', async () => {
    await page.goto(`${base}/guides/getting-started.html`);
    const link = page.getByRole('link', { name: 'examples/express-minimal/server.js' });
    const response = await page.request.get(new URL(await link.getAttribute('href'), base).href);
    const source = readFileSync(new URL('../examples/express-minimal/server.js', import.meta.url), 'utf8');
    expect(await response.text()).toBe(source);
  });

  it('throws nothing, and asks no other origin', () => {
    expect(wrong).toEqual([]);
  });
});
