/** Holds downloads against the SHA-256 that our source has of them. */
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { basename } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { ServingError } from '@serving/core';

/** A file that may be downloaded. */
export interface KnownFile {
  readonly file: string;
  /** In hexadecimal digits; `undefined` for a file whose hash is not known, which counts as an unknown file. */
  readonly sha256: string | undefined;
  /** Where the hash comes from, or why there is none. */
  readonly provenance: string;
}

/** What a download is checked against. */
export interface KnownFilesCheck {
  readonly knownFiles: readonly KnownFile[];
  /** Whether a file without a known hash is accepted. A known file with another hash is always refused. */
  readonly acceptUnknownFile: boolean;
}

/**
 * Returns the file's SHA-256.
 *
 * @throws ServingError `DATA_LOSS` for another hash than the known one, `FAILED_PRECONDITION` for an unknown file.
 */
export async function checkKnownFile(path: string, check: KnownFilesCheck): Promise<string> {
  const name = basename(path);
  const expected = sha256Of(name, check.knownFiles);
  const sha256 = await fileSha256(path);
  if (expected !== undefined && expected !== sha256) {
    throw new ServingError('DATA_LOSS', `${name} has the SHA-256 ${sha256}, expected ${expected}`);
  }
  if (expected === undefined && !check.acceptUnknownFile) throw unknownFile(name, sha256);
  return sha256;
}

/** The hash that a file must have, if it is known. */
export function sha256Of(name: string, knownFiles: readonly KnownFile[]): string | undefined {
  return knownFiles.find(({ file }) => file === name)?.sha256;
}

/** `FAILED_PRECONDITION`, with what accepts the file. */
export function unknownFile(name: string, sha256?: string): ServingError {
  const hash = sha256 === undefined ? '' : ` (its SHA-256 is ${sha256})`;
  return new ServingError(
    'FAILED_PRECONDITION',
    `The SHA-256 of ${name} is not known here${hash}. \`serving-engine install --accept_unknown_file\` installs it all the same`,
  );
}

/** In hexadecimal digits. */
export async function fileSha256(path: string): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(path, { highWaterMark: 1 << 20 }), hash);
  return hash.digest('hex');
}
