/** The process that loads a server with autocannon, whose command line can't send bytes: `OPTIONS BODY_FILE`. */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';

interface AutocannonResult {
  readonly requests: { readonly average: number };
  readonly non2xx: number;
}

const autocannon = createRequire(import.meta.url)('autocannon') as (options: object) => Promise<AutocannonResult>;
const [options, bodyFile] = process.argv.slice(2) as [string, string];
const { requests, non2xx } = await autocannon({ ...JSON.parse(options), method: 'POST', body: readFileSync(bodyFile) });
process.stdout.write(JSON.stringify({ requestsPerSecond: requests.average, non2xx }));
