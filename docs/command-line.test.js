/** The tables of flags in reference/command-line.md are those that parsing, help and completion read. Update them with `vitest run docs/command-line.test.js -u`. */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { modelServerSpec } from '../packages/cli/src/model-server/model-server-spec.js';
import { savedModelCliProgram } from '../packages/cli/src/saved-model-cli/saved-model-cli-program.js';
import { servingProgram } from '../packages/cli/src/serving/serving-program.js';
import { flagsOf } from '../packages/engine/src/command/command-spec.js';
import { defaultText } from '../packages/engine/src/command/help-text.js';

const page = readFileSync(new URL('./reference/command-line.md', import.meta.url), 'utf8');
const block = /(<!-- flags: (\S+) ([^>]+) -->\n)[\s\S]*?(<!-- end of flags -->)/g;
const MIB = 1024 ** 2;

/** By program and command, or group of flags: the command with the flags of its table. */
const tables = new Map(
  [servingProgram, savedModelCliProgram].flatMap(({ name, commands }) =>
    commands.map((spec) => [`${name} ${spec.name}`, { spec, flags: flagsOf(spec) }]),
  ),
);
for (const [heading, names] of modelServerSpec.flagGroups) {
  const all = flagsOf(modelServerSpec);
  const flags = new Map(names.map((name) => [name, all.get(name)]));
  tables.set(`tensorflow_model_server ${heading}`, { spec: modelServerSpec, flags });
}

function defaultCell(name, flag) {
  const text = defaultText(flag);
  if (text === '""') return '';
  const size = name.endsWith('_bytes') && flag.default % MIB === 0 ? ` (${flag.default / MIB} MiB)` : '';
  return `\`${text}\`${size}`;
}

/** Rows by flag, in the form of Markdown. */
function tableOf({ spec, flags }) {
  const rows = Array.from(flags, ([name, flag]) => {
    const usage = flag.usage.replaceAll('|', '\\|').replace(/--[\w-]+/g, '`$&`');
    const added = flag.isAdded ? '*Added.* ' : '';
    const negated = flag.isNegatable ? ` \`--no-${name}\` turns it off.` : '';
    const needed = spec.required?.includes(name) ? ' Required.' : '';
    return `| \`${name}\` | ${defaultCell(name, flag)} | ${added}${usage}${negated}${needed} |`;
  });
  return ['', '| flag | default | |', '| --- | --- | --- |', ...rows, '', ''].join('\n');
}

describe('docs/reference/command-line.md', () => {
  it('has the tables of each command', async () => {
    const renewed = page.replace(block, (_, start, program, part, end) => {
      const table = tables.get(`${program} ${part}`);
      if (!table) throw new Error(`no flags of ${program} ${part}`);
      return `${start}${tableOf(table)}${end}`;
    });
    await expect(renewed).toMatchFileSnapshot('./reference/command-line.md');
  });

  it('has a table for each command and group with flags', () => {
    const listed = Array.from(page.matchAll(block), ([, , program, part]) => `${program} ${part}`);
    const expected = Array.from(tables).filter(([, { flags }]) => flags.size > 0);
    expect(listed.sort()).toEqual(expected.map(([title]) => title).sort());
  });

  it('has each flag of tensorflow_model_server in one group', () => {
    const grouped = Array.from(modelServerSpec.flagGroups.values()).flat();
    expect(grouped.sort()).toEqual(Array.from(flagsOf(modelServerSpec).keys()).sort());
  });
});
