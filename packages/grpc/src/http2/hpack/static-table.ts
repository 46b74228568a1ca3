/** Headers that HPACK knows from the start (RFC 7541, appendix A). */

const rows = `:authority
:method GET
:method POST
:path /
:path /index.html
:scheme http
:scheme https
:status 200
:status 204
:status 206
:status 304
:status 400
:status 404
:status 500
accept-charset
accept-encoding gzip, deflate
accept-language
accept-ranges
accept
access-control-allow-origin
age
allow
authorization
cache-control
content-disposition
content-encoding
content-language
content-length
content-location
content-range
content-type
cookie
date
etag
expect
expires
from
host
if-match
if-modified-since
if-none-match
if-range
if-unmodified-since
last-modified
link
location
max-forwards
proxy-authenticate
proxy-authorization
range
referer
refresh
retry-after
server
set-cookie
strict-transport-security
transfer-encoding
user-agent
vary
via
www-authenticate`
  .split('\n')
  .map((row): readonly [string, string] => {
    const blank = row.indexOf(' ');
    return blank < 0 ? [row, ''] : [row.slice(0, blank), row.slice(blank + 1)];
  });

/** By index; there is none of index 0. */
export const staticNames: readonly string[] = ['', ...rows.map(([name]) => name)];
/** By index, as {@link staticNames}. */
export const staticValues: readonly string[] = ['', ...rows.map(([, value]) => value)];

/** The first index of each name. */
export const staticIndexes: ReadonlyMap<string, number> = new Map(
  staticNames.map((name, index) => [name, index] as const).reverse(),
);
