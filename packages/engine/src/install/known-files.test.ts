import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { copyFile, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { checkKnownFile, type KnownFile } from './known-files.js';
import { knownFilesTable, TENSORFLOW_VERSION } from './known-files-table.js';
import { exactRequest, parseWheel } from './wheel-requests.js';

let root: string;
/** A file, and its hash. */
let path: string;
const sha256 = createHash('sha256').update('content').digest('hex');

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'known-files-'));
  path = join(root, 'a.whl');
  await writeFile(path, 'content');
});
afterAll(() => rm(root, { recursive: true }));

describe('checkKnownFile', () => {
  const table = (hash: string | undefined): KnownFile[] => [{ file: 'a.whl', sha256: hash, provenance: 'a test' }];

  it('returns the hash of a file that is as it is known', async () => {
    expect(await checkKnownFile(path, { knownFiles: table(sha256), acceptUnknownFile: false })).toBe(sha256);
  });

  it.each<[string, KnownFile[]]>([
    ['that is not in the table', []],
    ['whose hash is not known', table(undefined)],
  ])('refuses a file %s, unless it is accepted', async (_, knownFiles) => {
    await expect(checkKnownFile(path, { knownFiles, acceptUnknownFile: false })).rejects.toMatchObject({
      code: 'FAILED_PRECONDITION',
      message: expect.stringContaining(`The SHA-256 of a.whl is not known here (its SHA-256 is ${sha256})`),
    });
    expect(await checkKnownFile(path, { knownFiles, acceptUnknownFile: true })).toBe(sha256);
  });

  it.each([false, true])('refuses a file with another hash, unknown files accepted: %s', async (acceptUnknownFile) => {
    const check = checkKnownFile(path, { knownFiles: table('0'.repeat(64)), acceptUnknownFile });
    await expect(check).rejects.toMatchObject({ code: 'DATA_LOSS' });
  });
});

describe('knownFilesTable', () => {
  it('names each file once, with a hash in its form or none, and where that is from', () => {
    expect(new Set(knownFilesTable.map(({ file }) => file)).size).toBe(knownFilesTable.length);
    for (const { file, sha256: hash, provenance } of knownFilesTable) {
      expect([file, hash ?? '0'.repeat(64)]).toEqual([file, expect.stringMatching(/^[0-9a-f]{64}$/)]);
      expect(provenance).not.toBe('');
    }
  });

  it('has a wheel for this version whose hash is known, and pip is asked for it by its tags', () => {
    const known = knownFilesTable.filter((entry) => entry.sha256 !== undefined);
    const wheels = known.flatMap(({ file }) => parseWheel(file) ?? []);
    expect(wheels.map(({ version }) => version)).toContain(TENSORFLOW_VERSION);
    expect(exactRequest(parseWheel('tensorflow_cpu-2.21.0-cp311-cp311-manylinux_2_27_x86_64.whl')!)).toEqual([
      ...['--python-version', '3.11', '--implementation', 'cp', '--abi', 'cp311'],
      ...['--platform', 'manylinux_2_27_x86_64', 'tensorflow-cpu==2.21.0'],
    ]);
    expect(parseWheel('libtensorflow-cpu-linux-x86_64-2.9.1.tar.gz')).toBeUndefined();
  });

  describe('renewed', () => {
    const source = fileURLToPath(new URL('./known-files-table.ts', import.meta.url));
    const script = fileURLToPath(new URL('../../scripts/renew-known-files.mjs', import.meta.url));
    const renew = (table: string, ...flags: string[]) =>
      promisify(execFile)(process.execPath, [script, `--table=${table}`, ...flags]);

    it('with a file has its hash among the known ones, and all else as it was', async () => {
      const table = join(root, 'table.ts');
      await copyFile(source, table);
      await renew(table, `--file=${path}`, '--provenance=a test');
      const entry = `  {\n    file: 'a.whl',\n    sha256: '${sha256}',\n    provenance: 'a test',\n  },\n`;
      const text = await readFile(table, 'utf8');
      expect(text).toContain(entry);
      expect(text.replace(entry, '')).toBe(await readFile(source, 'utf8'));
    });

    it('refuses other bytes for a known file, and a file from nowhere', async () => {
      const table = join(root, 'table.ts');
      const [known] = knownFilesTable;
      await copyFile(source, table);
      await writeFile(join(root, known!.file), 'other bytes');
      await expect(renew(table, `--file=${join(root, known!.file)}`, '--provenance=a test')).rejects.toThrow(
        `the table says ${known!.sha256}`,
      );
      await expect(renew(table, `--file=${path}`)).rejects.toThrow('--provenance must say');
      expect(await readFile(table, 'utf8')).toBe(await readFile(source, 'utf8'));
    });
  });
});
