/** What a base path means on the machine's own file system. */
import { fileURLToPath } from 'node:url';
import { quoteName } from '../printable-text.js';
import { ServingError } from '../serving-error.js';

/**
 * The path that a path or a `file://` URL means, percent signs decoded in the latter.
 *
 * @throws ServingError `INVALID_ARGUMENT` that says what to do, for a URL of another scheme or host and for a `~`, which only
 * shells expand.
 */
export function localPath(path: string): string {
  const scheme = /^([a-z][a-z0-9+.-]*):\/\//i.exec(path)?.[1]?.toLowerCase();
  if (scheme === 'file') return pathOfFileUrl(path);
  if (scheme !== undefined) throw invalid(path, `${scheme}:// is not supported by the local file system: ${elsewhere}`);
  if (/^~/.test(path))
    throw invalid(path, 'only shells expand "~": write the home folder out, or "./~" for a folder of that name');
  return path;
}

const elsewhere =
  'mount or copy what is there and name that folder, or pass a storage, and a platform whose loaders fetch from it';

function pathOfFileUrl(url: string): string {
  // A query or fragment makes no sense here: `?` and `#` are parts of names. So is a `%` that begins no escape.
  const escaped = url.replace(/[?#]|%(?![0-9a-f]{2})/gi, encodeURIComponent);
  try {
    return fileURLToPath(escaped);
  } catch (cause) {
    throw invalid(url, 'expected an absolute path of this machine, file:///folder/model', cause);
  }
}

function invalid(path: string, problem: string, cause?: unknown): ServingError {
  return new ServingError('INVALID_ARGUMENT', `${quoteName(path)}: ${problem}`, { cause });
}
