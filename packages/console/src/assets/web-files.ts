/** The built pages: read once, when they are first asked for. */
import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import { ServingError } from '@serving/core';
import type { HttpRequest, HttpResponse } from '@serving/http/adapter';
import { contentTypeOf } from './content-types.js';
import { securityHeaders } from './security-headers.js';

/** Answers with the files of a folder. Only names that the folder has are answered, so no path leads out of it. */
export class WebFiles {
  readonly #folder: URL;
  #files: Promise<ReadonlyMap<string, WebFile>> | undefined;

  constructor(folder: URL) {
    this.#folder = folder;
  }

  /**
   * @param name below the folder; `''` for `index.html`
   * @throws ServingError `NOT_FOUND` for another file, `UNAVAILABLE` when the pages are not built.
   */
  async answer(name: string, request: HttpRequest): Promise<HttpResponse> {
    this.#files ??= readFolder(this.#folder);
    const files = await this.#files.catch((error: unknown) => {
      this.#files = undefined;
      throw error;
    });
    const file = files.get(name === '' ? INDEX : name);
    if (file === undefined) throw ServingError.notFound(`The console has no file "${name.slice(0, 64)}"`);
    return responseOf(file, request);
  }
}

interface WebFile {
  readonly contentType: string;
  readonly cacheControl: string;
  readonly etag: string;
  readonly bytes: Uint8Array;
  /** Absent where it is not smaller. */
  readonly gzipped?: Uint8Array;
}

const INDEX = 'index.html';
/** Vite's names: what a file holds is in its name. */
const hashedName = /-[\w-]{8}\.\w+$/;
const compress = promisify(gzip);

function responseOf({ contentType, cacheControl, etag, bytes, gzipped }: WebFile, request: HttpRequest): HttpResponse {
  const headers = { ...securityHeaders, 'Cache-Control': cacheControl, ETag: etag, Vary: 'Accept-Encoding' };
  if (request.header('if-none-match') === etag) return { status: 304, headers, body: new Uint8Array(0) };
  const isGzipped = gzipped !== undefined && /\bgzip\b/.test(request.header('accept-encoding') ?? '');
  const body = isGzipped ? gzipped : bytes;
  return {
    status: 200,
    headers: {
      ...headers,
      'Content-Type': contentType,
      'Content-Length': String(body.length),
      ...(isGzipped && { 'Content-Encoding': 'gzip' }),
    },
    body: request.method === 'HEAD' ? new Uint8Array(0) : body,
  };
}

async function readFolder(folder: URL): Promise<ReadonlyMap<string, WebFile>> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch((cause: unknown) => {
    const clientMessage = "The console's pages are missing: they are not built, or the package is not complete";
    throw new ServingError('UNAVAILABLE', `${clientMessage} (expected in "${folder.pathname}")`, {
      clientMessage,
      cause,
    });
  });
  const names = entries.filter((entry) => entry.isFile()).map(({ parentPath, name }) => join(parentPath, name));
  return new Map(await Promise.all(names.map((path) => readWebFile(folder, path))));
}

async function readWebFile(folder: URL, path: string): Promise<[string, WebFile]> {
  const bytes = await readFile(path);
  const name = relative(fileURLToPath(folder), path).replaceAll('\\', '/');
  const gzipped = await compress(bytes);
  const file: WebFile = {
    contentType: contentTypeOf(name),
    cacheControl: hashedName.test(name) ? 'public, max-age=31536000, immutable' : 'no-cache',
    etag: `"${createHash('sha256').update(bytes).digest('base64url').slice(0, 22)}"`,
    bytes,
    ...(gzipped.length < bytes.length && { gzipped }),
  };
  return [name, file];
}
