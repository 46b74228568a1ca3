/** The content types of the files of the pages. */
const contentTypes: ReadonlyMap<string, string> = new Map([
  ['html', 'text/html; charset=utf-8'],
  ['js', 'text/javascript; charset=utf-8'],
  ['css', 'text/css; charset=utf-8'],
  ['svg', 'image/svg+xml'],
  ['png', 'image/png'],
  ['woff2', 'font/woff2'],
  ['json', 'application/json'],
  ['txt', 'text/plain; charset=utf-8'],
]);

/** By the end of a file's name; bytes for one that is not known. */
export function contentTypeOf(name: string): string {
  return contentTypes.get(name.slice(name.lastIndexOf('.') + 1)) ?? 'application/octet-stream';
}
