/** Which of the versions that lie in a base path are wanted: pure rules, no files. */
import { compareVersions, parseVersion, toVersion, type Version, type VersionLike } from '../servable/version.js';

/** `latest` with one version is the default. */
export type VersionPolicy =
  /** The highest versions, so many. */
  | { readonly latest: { readonly numVersions: number } }
  /** Every version that is there. */
  | { readonly all: Readonly<Record<string, never>> }
  /** These, as far as they are there. */
  | { readonly specific: { readonly versions: readonly VersionLike[] } };

/** A child of a base path whose name is a version. */
export interface VersionFolder {
  readonly name: string;
  readonly version: Version;
}

/** The children of a base path, sorted out. */
export interface VersionListing {
  /** Sorted by name. Two may have one version, such as `1` and `001`. */
  readonly folders: readonly VersionFolder[];
  /** The problems of children whose names are almost versions. */
  readonly warnings: readonly string[];
}

/**
 * Picks the versions out of the names in a base path. A name counts when all of it is a decimal int64; leading zeros, a
 * sign and blanks around it are fine. What follows a `/` is cut off first. A number beyond int64 is left out with a warning.
 */
export function listVersions(children: readonly string[]): VersionListing {
  const names = new Set(children.map((child) => child.split('/', 1)[0] ?? ''));
  const folders: VersionFolder[] = [];
  const warnings: string[] = [];
  for (const name of [...names].sort()) {
    if (!/^\s*[+-]?\d+\s*$/.test(name)) continue;
    const version = toVersion(name.trim());
    if (version !== undefined) folders.push({ name, version });
    else warnings.push(`Version ${name} is ignored: version numbers are int64`);
  }
  return { folders, warnings };
}

/** The versions that a policy selects, in the order in which they are aspired. */
export function selectVersions(policy: VersionPolicy, listing: VersionListing): VersionListing {
  const { folders } = listing;
  if ('all' in policy) return listing;
  const warnings = [...listing.warnings];
  const byVersion = new Map<Version, VersionFolder>();
  for (const folder of folders) {
    const other = byVersion.get(folder.version);
    if (other) warnings.push(`${other.name} and ${folder.name} are one version; ${folder.name} is used`);
    byVersion.set(folder.version, folder);
  }
  const unique = [...byVersion.values()].sort((a, b) => compareVersions(a.version, b.version));
  if ('latest' in policy) {
    return { folders: unique.reverse().slice(0, Math.max(policy.latest.numVersions, 1)), warnings };
  }
  const listed = new Set(policy.specific.versions.map((version) => parseVersion(version)));
  const named = new Map(folders.map((folder) => [folder.name, folder]));
  const exact = [...listed].flatMap((version) => named.get(String(version)) ?? []);
  if (exact.length === listed.size) return { folders: exact, warnings: listing.warnings };
  for (const version of listed)
    if (!byVersion.has(version)) warnings.push(`Version ${version} is wanted but not there`);
  return { folders: unique.filter(({ version }) => listed.has(version)), warnings };
}
