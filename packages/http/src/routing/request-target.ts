/** What TensorFlow Serving's HTTP layer makes of a request's target before the REST API sees it. */

/**
 * The target as the REST API matches it: an absolute form (`http://host/path`) is cut to its path. `undefined` when the
 * target is not a URI: those the HTTP layer turns away.
 */
export function normalizeTarget(raw: string): string | undefined {
  const absolute = raw.charCodeAt(0) === SLASH ? null : absoluteForm.exec(raw);
  if (!absolute) return uri.test(raw) && !badScheme.test(raw) ? raw : undefined;
  const [, host = '', target = ''] = absolute;
  const parts = authority.exec(host);
  return parts && Number(parts[1] ?? '') <= MAX_PORT && uri.test(target) ? target : undefined;
}

/** The target without its query and fragment. */
export function pathOf(target: string): string {
  const end = target.search(/[?#]/);
  return end < 0 ? target : target.slice(0, end);
}

/** Whether TensorFlow Serving's HTTP layer supports a method; others get 501. */
export function isKnownMethod(method: string): boolean {
  return methods.has(method);
}

const methods: ReadonlySet<string> = new Set(['GET', 'POST', 'HEAD', 'PUT', 'DELETE', 'OPTIONS', 'PATCH']);
const SLASH = 0x2f;
const uri =
  /^(?:[A-Za-z0-9\-._~!$&'()*+,;=:@/]|%[0-9A-Fa-f]{2})*(?:\?(?:[A-Za-z0-9\-._~!$&'()*+,;=:@/?]|%[0-9A-Fa-f]{2})*)?(?:#(?:[A-Za-z0-9\-._~!$&'()*+,;=:@/?]|%[0-9A-Fa-f]{2})*)?$/;
const absoluteForm = /^[a-z][a-z0-9+.-]*:\/\/([^/?#]*)(.*)$/i;
/** A colon before the first slash ends a scheme, or the target is not a URI. */
const badScheme = /^(?![a-z][a-z0-9+.-]*:)[^/?#]*:/i;
/** User, host and, captured, port. */
const authority =
  /^(?:(?:[\w\-.~!$&'()*+,;=:]|%[0-9A-F]{2})*@)?(?:\[[0-9A-F:.]+\]|(?:[\w\-.~!$&'()*+,;=]|%[0-9A-F]{2})*)(?::([0-9]*))?$/i;
const MAX_PORT = 65535;
