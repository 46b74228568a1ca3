/** Modules that threads are started with. */

/**
 * The URL of a module beside another one, for a thread: a thread has none of the loaders that a host may run sources with, so that of a
 * source is that of what is built from it.
 *
 * @param path relative, such as `./thread-entry.js`
 * @param from `import.meta.url` of the caller
 */
export function builtModuleUrl(path: string, from: string): string {
  const url = new URL(path, from).href;
  if (!from.endsWith('.ts')) return url;
  const at = url.lastIndexOf('/src/');
  return `${url.slice(0, at)}/dist/${url.slice(at + '/src/'.length)}`;
}
