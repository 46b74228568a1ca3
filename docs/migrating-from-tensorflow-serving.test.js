import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

const path = (relative) => fileURLToPath(new URL(relative, import.meta.url));
const page = readFileSync(path('./migrating-from-tensorflow-serving.md'), 'utf8');

describe('docs/migrating-from-tensorflow-serving.md', () => {
  it('has every flag of tensorflow_model_server', () => {
    const server = path('../packages/cli/bin/tensorflow_model_server.js');
    const usage = String(execFileSync(process.execPath, [server, '--help']));
    const flags = Array.from(usage.matchAll(/^\s*--(\w+)=/gm), ([, name]) => name);
    expect(flags.length).toBeGreaterThan(50);
    expect(flags.filter((name) => name !== 'help' && !page.includes(`\`${name}\``))).toEqual([]);
  });

  it('has the minimal application word for word', () => {
    expect(page).toContain(readFileSync(path('../examples/express-minimal/server.js'), 'utf8'));
  });
});
