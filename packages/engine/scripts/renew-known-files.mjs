/**
 * Renews `src/install/known-files-table.ts`, after a build:
 *
 *     node packages/engine/scripts/renew-known-files.mjs [--version=2.21.0]
 *     node packages/engine/scripts/renew-known-files.mjs --file=PATH --provenance='from the publisher, by hand'
 *
 * The first downloads every wheel of the table that pip's index serves (about 270 MB each) and hashes it; what the index doesn't
 * serve keeps its hash, or has none in a new version. The second takes a file that is there already, such as an archive of
 * tfjs-node. A hash that is known is never replaced by another one, unless `--replace` says so. `--table=PATH` is another table.
 */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { systemClock } from '@serving/core/extend';
import { trustedEnvironment } from '../dist/install/find-command.js';
import { downloadWheel, findPip } from '../dist/install/install-from-pip.js';
import { fileSha256 } from '../dist/install/known-files.js';
import { knownFilesTable, TENSORFLOW_VERSION } from '../dist/install/known-files-table.js';
import { exactRequest, parseWheel } from '../dist/install/wheel-requests.js';

const SERVED =
  "hashed as the package index served it where this table was made; not compared with the publisher's list";
const UNSERVED = 'not served by the index where this table was made';

const { values } = parseArgs({
  options: {
    version: { type: 'string', default: TENSORFLOW_VERSION },
    file: { type: 'string' },
    provenance: { type: 'string' },
    replace: { type: 'boolean', default: false },
    table: { type: 'string', default: fileURLToPath(new URL('../src/install/known-files-table.ts', import.meta.url)) },
  },
});

const entries = new Map(knownFilesTable.map((entry) => [entry.file, entry]));
if (values.file === undefined) await renewWheels(values.version);
else await addFile(resolve(values.file), values.provenance);
const sorted = [...entries.values()].sort((a, b) => Number(b.sha256 !== undefined) - Number(a.sha256 !== undefined));
await writeFile(values.table, rendered(await readFile(values.table, 'utf8'), values.version, sorted));

async function addFile(path, provenance) {
  if (!provenance) throw new Error('--provenance must say where the file comes from');
  put(basename(path), await fileSha256(path), provenance);
}

async function renewWheels(version) {
  const folder = await mkdtemp(join(tmpdir(), 'renew-known-files-'));
  try {
    const context = { clock: systemClock, env: await trustedEnvironment({ env: process.env }) };
    const failures = [];
    const pip = await findPip(context, folder, failures);
    if (pip === undefined) throw new Error(`no pip runs: ${failures.join('; ')}`);
    for (const { file, sha256 } of knownFilesTable) {
      const wheel = parseWheel(file);
      if (wheel === undefined) continue;
      const renewed = { ...wheel, version };
      const name = file.replace(`-${wheel.version}-`, `-${version}-`);
      if (name !== file) entries.delete(file);
      try {
        const path = await downloadWheel(context, pip, exactRequest(renewed), folder);
        if (basename(path) === name) put(name, await fileSha256(path), SERVED);
      } catch (error) {
        say(`${name}: ${error.message}`);
        if (name !== file || sha256 === undefined)
          entries.set(name, { file: name, sha256: undefined, provenance: UNSERVED });
      }
    }
  } finally {
    await rm(folder, { recursive: true });
  }
}

function put(file, sha256, provenance) {
  const known = entries.get(file)?.sha256;
  if (known === sha256) return say(`${file}: as it was`);
  if (known !== undefined && !values.replace) {
    throw new Error(`${file} has the SHA-256 ${sha256}, the table says ${known}. Find out why; --replace replaces it`);
  }
  entries.set(file, { file, sha256, provenance });
  say(`${file}: ${sha256}`);
}

/** The module with other data in it, in the form that the formatter leaves alone. */
function rendered(module, version, table) {
  const quoted = (text) => (text.includes("'") ? JSON.stringify(text) : `'${text}'`);
  const rows = table.map(
    ({ file, sha256, provenance }) =>
      `  {\n    file: ${quoted(file)},\n    sha256: ${sha256 === undefined ? 'undefined' : quoted(sha256)},\n    provenance:${provenanceText(quoted(provenance))},\n  },\n`,
  );
  return module
    .replace(/TENSORFLOW_VERSION = '[^']*'/, `TENSORFLOW_VERSION = '${version}'`)
    .replace(
      /(knownFilesTable: readonly KnownFile\[\] = \[\n)[\s\S]*(\];\n)$/,
      (_, head, tail) => head + rows.join('') + tail,
    );
}

/** The formatter puts long text on a line of its own. */
function provenanceText(text) {
  return `    provenance: ${text},`.length > 120 ? `\n      ${text}` : ` ${text}`;
}

function say(text) {
  process.stdout.write(`${text}\n`);
}
