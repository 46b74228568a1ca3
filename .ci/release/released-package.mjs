/** What of a package changes when it is published: its manifest and its README get the address of the repository. */
import { posix } from 'node:path';

/**
 * The web address of the repository that the root manifest names.
 *
 * @param {{ repository?: string | { url?: string } }} rootManifest
 * @throws Error for a manifest without one: a package on npm must say where its sources are, and provenance compares it.
 */
export function repositoryUrl({ repository }) {
  const given = typeof repository === 'string' ? repository : (repository?.url ?? '');
  const url = given
    .replace(/^git\+/, '')
    .replace(/\.git$/, '')
    .replace(/\/+$/, '');
  if (/^https:\/\/[^/]+\/[^/]+\/[^/]+$/.test(url)) return url;
  const got = given === '' ? 'missing' : `must be https://HOST/OWNER/NAME (got ${JSON.stringify(given)})`;
  throw new Error(
    `"repository" of package.json: ${got}. Nothing can be published without it: ` +
      'add "repository": { "type": "git", "url": "git+https://HOST/OWNER/NAME.git" }',
  );
}

/** The manifest of a package with `repository`, `homepage` and `bugs`. */
export function releasedManifest(manifest, { url, folder }) {
  return {
    ...manifest,
    repository: { type: 'git', url: `git+${url}.git`, directory: folder },
    homepage: `${url}/tree/main/${folder}#readme`,
    bugs: { url: `${url}/issues` },
  };
}

/** A README whose relative links, which lead nowhere on npm, lead into the repository. Pictures lead to their bytes. */
export function releasedReadme(markdown, { url, folder }) {
  return markdown.replace(/(!?)(\[[^\]]*\])\(([^)\s]+)\)/g, (link, picture, text, target) => {
    if (/^(?:[a-z][a-z0-9+.-]*:|#|\/\/)/i.test(target)) return link;
    const [, path = '', hash = ''] = /^([^#]*)(#.*)?$/.exec(target) ?? [];
    const kind = picture ? 'raw' : /\.\w+$/.test(path) ? 'blob' : 'tree';
    return `${picture}${text}(${url}/${kind}/main/${posix.join(folder, path)}${hash})`;
  });
}
