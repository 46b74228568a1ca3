/** What there is in the place of a folder that is not found. */
import { readdir } from 'node:fs/promises';
import { basename, dirname } from 'node:path';
import { nearestName } from '../nearest-name.js';

const MAX_LISTED = 10;

/** Names the closest name beside a missing folder, or what its parent folder holds, or the first parent that is missing. */
export async function missingFolderHint(path: string): Promise<string> {
  const parent = dirname(path);
  try {
    const names = (await readdir(parent)).sort();
    const near = nearestName(basename(path), names);
    if (near !== undefined) return `Did you mean "${parent}/${near}"?`;
    const shown = names.slice(0, MAX_LISTED).join(', ');
    const rest = names.length > MAX_LISTED ? `, and ${names.length - MAX_LISTED} more` : '';
    return names.length === 0 ? `"${parent}" is empty` : `"${parent}" holds: ${shown}${rest}`;
  } catch {
    return `"${await firstMissing(parent)}" does not exist either`;
  }
}

async function firstMissing(path: string): Promise<string> {
  const parent = dirname(path);
  if (parent === path) return path;
  return readdir(parent).then(
    () => path,
    () => firstMissing(parent),
  );
}
