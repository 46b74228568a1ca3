import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { modelServerSpec } from '../packages/cli/src/model-server/model-server-spec.js';
import { flagsOf } from '../packages/engine/src/command/command-spec.js';

const read = (path) => readFileSync(new URL(path, import.meta.url), 'utf8');
const page = read('./guides/migrating-from-tensorflow-serving.md');

describe('docs/guides/migrating-from-tensorflow-serving.md', () => {
  it('has every flag of TensorFlow Serving', () => {
    const flags = Array.from(flagsOf(modelServerSpec)).filter(([, { isAdded }]) => !isAdded);
    expect(flags.length).toBeGreaterThan(40);
    expect(flags.filter(([name]) => !page.includes(`\`${name}\``))).toEqual([]);
  });

  it('has the minimal application word for word', () => {
    expect(page).toContain(read('../examples/express-minimal/server.js'));
  });
});
