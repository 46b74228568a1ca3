import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { hasChromium, launchChromium, openPage, screenshots, seriousFindings } from './browser.test-support.js';
import { type HostAddresses, PagesServer } from './pages-server.test-support.js';

const run = promisify(execFile);
const pictures = new URL('../../../savedmodel/fixtures/digit_pictures/pictures/', import.meta.url);

let server: PagesServer;
let browser: Browser;
let base: string;

describe.skipIf(!hasChromium)('the console in Chromium', () => {
  beforeAll(async () => {
    [server, browser] = await Promise.all([PagesServer.start(), launchChromium()]);
    base = server.addresses['node:http'];
    server.keepBusy();
  });

  afterAll(async () => {
    await browser?.close();
    await server?.stop();
  });

  describe.each([
    ['models', '#/'],
    ['model', '#/model/digits'],
    ['try', '#/try/multi'],
    ['compare', '#/compare/digits_history'],
    ['log', '#/log'],
  ])('the page "%s"', (name, hash) => {
    it.each([
      ['light', 1280],
      ['dark', 1280],
      ['light', 390],
      ['dark', 390],
    ] as const)('fits in %s colours at %s pixels, without serious findings of axe-core', async (colorScheme, width) => {
      const { page, close } = await openPage(browser, base + hash, { colorScheme, width });
      await page.getByRole('heading', { level: 1 }).waitFor();
      if (name === 'model') await page.getByText('a slot was free').waitFor();
      if (name === 'try') await page.getByRole('button', { name: 'Send' }).waitFor();
      if (name === 'compare') await page.getByRole('button', { name: 'Compare' }).waitFor();
      expect(await page.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(width);
      expect(await seriousFindings(page)).toEqual([]);
      await page.screenshot({ path: join(screenshots, `${name}-${colorScheme}-${width}.png`) });
      await close();
    });
  });

  it('shows how a busy model does, every second', async () => {
    const { page, close } = await openPage(browser, `${base}#/model/digits`);
    const tile = page.locator('.tile', { hasText: 'p50' }).locator('.tile-value');
    await page.waitForFunction('document.querySelectorAll(".tile-value")[2]?.textContent.endsWith("s")');
    expect(await tile.textContent()).toMatch(/^[\d.]+ (?:µs|ms)$/);
    await page.getByText('INVALID_ARGUMENT').waitFor();
    await page.getByRole('img', { name: /^Latency, \d+ samples; latest: p50/ }).waitFor();
    await close();
  });

  it('shows a swap live, without a reload', async () => {
    const { page, close } = await openPage(browser, `${base}#/`);
    const versions = page.getByRole('list', { name: 'Versions of digits', exact: true });
    await versions.getByText('available').waitFor();
    expect(await versions.locator('strong').allTextContents()).toEqual(['1']);
    await page.evaluate('window.isStillThePage = true');
    server.deploy();
    await versions.locator('li', { hasText: 'ended' }).getByText('1', { exact: true }).waitFor();
    await versions.locator('li', { hasText: 'available' }).getByText('2', { exact: true }).waitFor();
    expect(await page.evaluate('window.isStillThePage')).toBe(true);
    await close();
  });

  it('classifies a dropped image with a CNN', async () => {
    const { page, close } = await openPage(browser, `${base}#/try/digits`);
    await dropFile(page, 'image', '4.png', 'image/png');
    await page.getByText('8 × 8, as sent').waitFor();
    await page.getByLabel('invert').check();
    await page.getByRole('button', { name: 'Send' }).click();
    expect(await page.getByRole('region', { name: 'Output label' }).locator('td').first().textContent()).toBe('4');
    await page.getByRole('region', { name: 'Output probabilities' }).getByRole('rowheader', { name: '4' }).waitFor();
    await page
      .getByRole('list', { name: /^Time by stage/ })
      .locator('li', { hasText: /^\s*run \d/ })
      .waitFor();
    await page.screenshot({ path: join(screenshots, 'answer-light-1280.png') });
    await close();
  });

  it('classifies a drawn digit', async () => {
    const { page, close } = await openPage(browser, `${base}#/try/digits`, { colorScheme: 'dark' });
    const paper = page.getByRole('img', { name: /^Drawing for image/ });
    await paper.scrollIntoViewIfNeeded();
    const { x, y } = (await paper.boundingBox())!;
    await page.mouse.move(x + 112, y + 30);
    await page.mouse.down();
    for (let i = 0; i <= 16; i++) await page.mouse.move(x + 112, y + 30 + i * 10);
    await page.mouse.up();
    await page.getByText('8 × 8, as sent').waitFor();
    await page.getByRole('button', { name: 'Send' }).click();
    expect(await page.getByRole('region', { name: 'Output label' }).locator('td').first().textContent()).toBe('1');
    await page.screenshot({ path: join(screenshots, 'draw-dark-1280.png') });
    await close();
  });

  it('shows the server’s error beside the field that it concerns', async () => {
    const { page, close } = await openPage(browser, `${base}#/try/multi`);
    await page.getByRole('textbox', { name: 'Values of features' }).fill('[["a", 1, 2]]');
    await page.getByLabel('Send by').selectOption({ label: 'REST v1, columns' });
    await page.getByRole('button', { name: 'Send' }).click();
    const alert = page.locator('[data-input="features"]').getByRole('alert');
    await alert.waitFor();
    expect(await alert.textContent()).toContain('JSON Value: "a" Type: String is not of expected type: float');
    expect(await page.locator('.field-error').count()).toBe(1);
    await page.screenshot({ path: join(screenshots, 'error-light-1280.png') });
    await page.getByRole('textbox', { name: 'Values of features' }).fill('[[0, 1, 2]]');
    await alert.waitFor({ state: 'detached' });
    await close();
  });

  it('classifies and regresses examples, and shows a missing feature beside them', async () => {
    const { page, close } = await openPage(browser, `${base}#/try/classify_regress`);
    const examples = page.getByRole('textbox', { name: 'Values of examples' });
    await page.getByLabel('Signature').selectOption('classify');
    await examples.fill('[{"x": [2.0]}, {"x": 4.0}]');
    await page.getByRole('button', { name: 'Send' }).click();
    const scores = page.getByRole('region', { name: 'Output scores' });
    await scores.waitFor();
    expect(await page.getByRole('region', { name: 'Output classes' }).locator('td').count()).toBe(6);
    await page.screenshot({ path: join(screenshots, 'examples-light-1280.png') });
    await page.getByLabel('Signature').selectOption('regress');
    await examples.fill('{"x": 2.0}');
    await page.getByRole('button', { name: 'Send' }).click();
    await page.getByRole('region', { name: 'Output value' }).waitFor();
    await examples.fill('{"y": 2.0}');
    await page.getByRole('button', { name: 'Send' }).click();
    await page.locator('[data-input="examples"]').getByRole('alert').waitFor();
    await close();
  });

  it('names the engines with the versions of their libraries', async () => {
    const { page, close } = await openPage(browser, `${base}#/log`);
    const engine = page.locator('dl.pairs > div', { hasText: 'Engine onnx' }).locator('dd');
    expect(await engine.textContent()).toMatch(/^\d+\.\d+\.\d+$/);
    await close();
  });

  it('shows no outline of the page itself after a click on its link, and one of what the keyboard reaches', async () => {
    const { page, close } = await openPage(browser, `${base}#/`);
    const outline = (): Promise<unknown> =>
      page.evaluate('[document.activeElement.tagName, getComputedStyle(document.activeElement).outlineStyle]');
    await tabTo(page, 'Log and process');
    expect(await outline()).toEqual(['A', 'solid']);
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: 'Log and process', level: 1 }).waitFor();
    expect(await outline()).toEqual(['MAIN', 'none']);
    await close();
  });

  it('is used with the keyboard alone', async () => {
    const { page, close } = await openPage(browser, `${base}#/`);
    await tabTo(page, 'Try it');
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: 'Try it', level: 1 }).waitFor();
    await tabTo(page, 'Model');
    await page.keyboard.type('half');
    await page.getByRole('textbox', { name: 'Values of x' }).waitFor();
    await tabTo(page, 'Values of x');
    await page.keyboard.press('Control+A');
    await page.keyboard.type('1, 2, 5');
    await page.keyboard.press('Control+Enter');
    const cells = page.getByRole('region', { name: 'Values of y' }).locator('td');
    await cells.first().waitFor();
    expect(await cells.allTextContents()).toEqual(['3.5', '4', '5.5']);
    await close();
  });

  it.each([
    ['curl', ['sh', '-c']],
    ['TypeScript', ['node', '--input-type=module', '-e']],
    ['Python', ['python3', '-c']],
  ])(
    'shows the request as %s that gets the same answer',
    async (language, [command = '', ...args]: readonly string[]) => {
      const { page, close } = await openPage(browser, `${base}#/try/half_plus_two`);
      await page.getByRole('textbox', { name: 'Values of x' }).fill('[1, 2, 5]');
      await page.getByRole('radio', { name: language }).check({ force: true });
      for (const [form, expected] of [
        ['REST v1, rows', /"predictions": \[\s*3\.5,\s*4\.0,\s*5\.5/],
        ['Open Inference, JSON', /"data":\[3\.5,4\.0,5\.5\]/],
      ] as const) {
        await page.getByLabel('Send by').selectOption({ label: form });
        const { stdout } = await run(command, [...args, (await page.locator('.code pre').textContent()) ?? '']);
        expect(stdout).toMatch(expected);
      }
      await close();
    },
  );

  it.each<[form: string, values: Readonly<Record<string, string>>]>([
    ['REST v1, rows', { float: '[1.5,-2]', int64: '[-9007199254740993,4]', string: '["tea","milk"]' }],
    [
      'REST v1, columns',
      { double: '[1.5,-2]', int8: '[-3,4]', int16: '[-300,4]', uint8: '[3,255]', bool: '[true,false]' },
    ],
    ['REST v1, binary', { float: '[1.5,-2]', uint64: '[18446744073709551615,0]', bfloat16: '[1.5,-2]' }],
    ['Open Inference, JSON', { half: '[1.5,-2]', uint16: '[3,65535]', int32: '[-3,4]', string: '["tea","milk"]' }],
    [
      'Open Inference, binary',
      { half: '[1.5,-2]', uint32: '[3,4294967295]', bool: '[true,false]', string: '["tea",""]' },
    ],
  ])('sends values of many data types by "%s"', async (form, values) => {
    const { page, close } = await openPage(browser, `${base}#/try/dtypes`);
    for (const [signature, text] of Object.entries(values)) {
      await page.getByLabel('Signature').selectOption(signature);
      await page.getByLabel('Send by').selectOption({ label: form });
      await page.getByText('Values', { exact: true }).click();
      await page.getByRole('textbox', { name: 'Values of x' }).fill(text);
      await page.getByRole('button', { name: 'Send' }).click();
      const output = page.getByRole('region', { name: 'Output y' });
      await output.waitFor();
      const cells = await output.locator('td').allTextContents();
      expect([signature, ...cells]).toEqual([signature, ...text.slice(1, -1).replaceAll('"', '').split(',')]);
    }
    await close();
  });

  it('takes a .npy file, and shows a picture for an image output', async () => {
    const { page, close } = await openPage(browser, `${base}#/try/upscaling`);
    const header = `${"{'descr': '<f8', 'fortran_order': False, 'shape': (2,), }".padEnd(117)}\n`;
    const npy = Buffer.concat([
      Buffer.from('\x93NUMPY\x01\x00v\x00', 'latin1'),
      Buffer.from(header),
      Buffer.from(Float64Array.of(1, 5).buffer),
    ]);
    await page.goto(`${base}#/try/half_plus_two`);
    await page.getByText('.npy file', { exact: true }).click();
    await page.getByLabel(/^Drop a .npy file/).setInputFiles({ name: 'x.npy', mimeType: '', buffer: npy });
    await page.getByText('x.npy: double [2], converted from double').waitFor();
    await page.getByRole('button', { name: 'Send' }).click();
    const cells = page.getByRole('region', { name: 'Values of y' }).locator('td');
    await cells.first().waitFor();
    expect(await cells.allTextContents()).toEqual(['3.5', '5.5']);
    await page.goto(`${base}#/try/upscaling`);
    await page.getByText('Fill', { exact: true }).click();
    await page.getByLabel('Size 2').fill('8');
    await page.getByLabel('Size 3').fill('8');
    await page.getByRole('button', { name: 'Send' }).click();
    await page.getByRole('img', { name: /^Picture 1 of/ }).waitFor();
    await close();
  });

  it('compares the answers of two versions element by element', async () => {
    const { page, close } = await openPage(browser, `${base}#/compare/digits_history`, { colorScheme: 'dark' });
    await dropFile(page, 'image', '3.jpg', 'image/jpeg');
    await page.getByText('8 × 8, as sent').waitFor();
    await page.getByLabel('invert').check();
    await page.getByRole('button', { name: 'Compare' }).click();
    const output = page.getByRole('region', { name: 'Output probabilities' });
    await output.getByText(/^largest difference [\d.e-]+$/).waitFor();
    expect(await output.locator('tbody tr').count()).toBe(10);
    await page.screenshot({ path: join(screenshots, 'difference-dark-1280.png') });
    await close();
  });

  it('moves a label and polls, where actions are allowed', async () => {
    const { page, close } = await openPage(browser, `${server.addresses['with actions']}#/log`);
    await page.getByRole('button', { name: 'Poll all base paths' }).click();
    await page.getByText('All base paths polled.').waitFor();
    await page.getByRole('combobox', { name: 'Model', exact: true }).selectOption('digits_history');
    await page.getByRole('combobox', { name: 'Label', exact: true }).fill('newest');
    await page.getByRole('combobox', { name: 'Version', exact: true }).selectOption('2');
    await page.getByRole('button', { name: 'Move label' }).click();
    await page.getByText('Label "newest" is at version 2.').waitFor();
    await page.getByRole('link', { name: 'Models' }).click();
    const versions = page.getByRole('list', { name: 'Versions of digits_history' });
    await versions.locator('li', { hasText: 'newest' }).getByText('2', { exact: true }).waitFor();
    await close();
  });

  it.each<keyof HostAddresses>(['node:http', 'Express', 'Koa', 'Fastify', 'Hono'])(
    'works below /a/b in %s, read-only',
    async (host) => {
      const address = server.addresses[host];
      const { page, close } = await openPage(browser, `${address}#/try/half_plus_two`);
      await page.getByRole('textbox', { name: 'Values of x' }).fill('[1]');
      await page.getByRole('button', { name: 'Send' }).click();
      await page.getByRole('region', { name: 'Values of y' }).getByText('3.5').waitFor();
      await page.getByRole('link', { name: 'Log and process' }).click();
      await page.getByText('This console is read-only').waitFor();
      const refused = await fetch(new URL('api/actions/poll', address), {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: '{}',
      });
      expect(refused.status).toBe(403);
      await close();
    },
  );
});

/** Drops a picture of a digit on a field, as from a folder. */
async function dropFile(page: Page, input: string, name: string, type: string): Promise<void> {
  const bytes = readFileSync(new URL(name, pictures)).toString('base64');
  const transfer = await page.evaluateHandle(`(() => {
    const transfer = new DataTransfer();
    const bytes = Uint8Array.from(atob('${bytes}'), (character) => character.charCodeAt(0));
    transfer.items.add(new File([bytes], '${name}', { type: '${type}' }));
    return transfer;
  })()`);
  await page.locator(`[data-input="${input}"]`).dispatchEvent('drop', { dataTransfer: transfer });
}

/** Presses Tab until the element with a name has the focus. */
async function tabTo(page: Page, name: string): Promise<void> {
  const focused = `(() => {
    const element = document.activeElement;
    return element.ariaLabel ?? element.labels?.[0]?.querySelector('span')?.textContent ?? element.textContent;
  })()`;
  for (let i = 0; i < 60; i++) {
    if ((await page.evaluate(focused)) === name) return;
    await page.keyboard.press('Tab');
  }
  throw new Error(`No element named "${name}" is reached with Tab.`);
}
