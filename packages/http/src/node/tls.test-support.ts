/** A key and a certificate that only tests trust. */
import { readFileSync } from 'node:fs';

const read = (file: string): string =>
  readFileSync(new URL(`../../../grpc/fixtures/tls/${file}`, import.meta.url), 'utf8');

export const tlsTexts = { key: read('server-key.pem'), cert: read('server.pem') };
