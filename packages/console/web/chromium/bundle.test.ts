import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { beforeAll, describe, expect, it } from 'vitest';

const built = new URL('../../dist/web/', import.meta.url);
const read = (name: string): string => readFileSync(new URL(name, built), 'utf8');

describe('the built pages', () => {
  beforeAll(() => {
    execFileSync(process.execPath, [fileURLToPath(new URL('../../scripts/build-web.mjs', import.meta.url))]);
  });

  it('are at most 60 kB in all, compressed', () => {
    const loaded = ['index.html', ...readdirSync(new URL('assets/', built)).map((name) => `assets/${name}`)];
    const sizes = loaded.map((name) => gzipSync(read(name)).length);
    expect(sizes.reduce((sum, size) => sum + size, 0)).toBeLessThanOrEqual(60_000);
  });

  it('have neither inline scripts nor styles, and only relative addresses', () => {
    const html = read('index.html');
    expect(html).not.toMatch(/<style|style=|<script(?![^>]*\bsrc=)/);
    const addresses = Array.from(html.matchAll(/(?:src|href)="([^"]*)"/g), ([, address]) => address);
    expect(addresses).toHaveLength(3);
    expect(addresses.every((address) => address?.startsWith('./assets/'))).toBe(true);
  });

  it('carry the licences of the packages in them', () => {
    const packages = Array.from(read('licenses.md').matchAll(/^## (\S+)/gm), ([, name]) => name);
    expect(packages.sort()).toEqual(['@preact/signals', '@preact/signals-core', 'preact', 'uplot']);
  });
});
