/** Scripts that run as processes of their own, with the modules of `@tensorflow/tfjs-node`. */

/** Stands before the archive's name in what {@link DOWNLOAD_SCRIPT} prints. */
export const ARCHIVE_LINE = 'archive: ';

/**
 * Takes the place of the package's `scripts/resources.js`, which unpacks while it downloads: keeps the archive in the folder
 * `archive`, for its hash to be checked first, and ends the process.
 */
export const DOWNLOAD_SCRIPT: string = `'use strict';
const { createWriteStream, mkdirSync } = require('node:fs');
const { join } = require('node:path');
const HttpsProxyAgent = require('https-proxy-agent');

function fail(reason) {
  console.error('Error: ' + reason);
  process.exit(1);
}

exports.downloadAndUnpackResource = (uri) => {
  const { protocol, pathname } = new URL(uri);
  const name = pathname.split('/').pop();
  if (!/^\\w[\\w.-]*$/.test(name)) fail('the archive has no name: ' + uri);
  console.log('${ARCHIVE_LINE}' + name);
  const { HTTPS_PROXY, https_proxy, HTTP_PROXY, http_proxy } = process.env;
  const proxy = HTTPS_PROXY || https_proxy || HTTP_PROXY || http_proxy;
  const client = require(protocol === 'https:' ? 'node:https' : 'node:http');
  const folder = join(__dirname, '..', 'archive');
  mkdirSync(folder);
  client
    .get(uri, proxy ? { agent: new HttpsProxyAgent(proxy) } : {}, (response) => {
      if (response.statusCode !== 200) return fail(uri + ' is answered with ' + response.statusCode);
      const file = createWriteStream(join(folder, name));
      response.on('error', (error) => fail(error.message)).pipe(file);
      response.on('aborted', () => fail(name + ' is cut short'));
      file.on('error', (error) => fail(error.message)).on('close', () => process.exit(0));
    })
    .on('error', (error) => fail(error.message));
};
`;

/** Unpacks the archive that is its first argument into the folder that is its second. */
export const UNPACK_SCRIPT = `'use strict';
const [archive, folder] = process.argv.slice(2);
if (archive.endsWith('.zip')) new (require('adm-zip'))(archive).extractAllTo(folder, true);
else require('tar').x({ file: archive, cwd: folder, strict: true, sync: true });
`;
