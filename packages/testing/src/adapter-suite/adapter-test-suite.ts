/** The test suite that every adapter of the REST API passes, ours and those of others. */
import type { AdapterCase, CreateServer } from './adapter-under-test.js';
import { answerCases } from './answer-cases.js';
import { bodyCases } from './body-cases.js';
import { bodyParserCases } from './body-parser-cases.js';
import { connectionCases } from './connection-cases.js';
import { extensionCases } from './extension-cases.js';
import { mountingCases } from './mounting-cases.js';
import { shutdownCases } from './shutdown-cases.js';

/** The functions of the test framework, and what the host can't do. */
export interface AdapterTestSuiteOptions {
  /** The test framework's: Vitest's, Jest's, or those of `node:test`. */
  readonly describe: (name: string, define: () => void) => unknown;
  /** As `describe`. */
  readonly it: (name: string, test: () => Promise<void>) => unknown;
  /**
   * What the host lacks; the cases of it are left out. `prefix`: a way to mount below a path. `body-parser`: a usual one. `host-routes`:
   * routes of its own beside the API.
   */
  readonly without?: readonly ('prefix' | 'body-parser' | 'host-routes')[];
}

/**
 * Defines the suite. It asserts with `node:assert`, so that it runs in any test framework, asks over real sockets, and never
 * sleeps. Each case calls `createServer` and closes what it got.
 *
 * Beside the API the host has to answer GET `/host` and GET `/v1/users` with the text `host`, unless it is `without` `host-routes`.
 *
 * @example
 * ```ts
 * describe('servingMiddleware', () => {
 *   defineAdapterTestSuite(
 *     async ({ server, options, prefix, bodyParser }) => {
 *       const app = connect();
 *       if (bodyParser) app.use(bodyParserJson());
 *       app.use(prefix, servingMiddleware(server, options));
 *       app.use((_request, response) => response.end('host'));
 *       return listenForAdapterTest(createServer(app));
 *     },
 *     { describe, it },
 *   );
 * });
 * ```
 */
export function defineAdapterTestSuite(createServer: CreateServer, options: AdapterTestSuiteOptions): void {
  const { describe, it, without = [] } = options;
  const groups: readonly [title: string, cases: readonly AdapterCase[]][] = [
    ['answers', answerCases],
    ['bodies', bodyCases],
    ['connections', connectionCases],
    ['shutdown', shutdownCases],
    ['extensions', extensionCases.atTheRoot],
    ['beside the host’s routes', without.includes('host-routes') ? [] : mountingCases.besideHostRoutes],
    ['below a prefix', without.includes('prefix') ? [] : [...mountingCases.belowPrefix, ...extensionCases.belowPrefix]],
    [
      'behind a body parser',
      without.includes('body-parser') ? [] : [...bodyParserCases, ...extensionCases.behindBodyParser],
    ],
  ];
  for (const [title, cases] of groups) {
    if (cases.length === 0) continue;
    describe(title, () => {
      for (const { name, test } of cases) it(name, () => test(createServer));
    });
  }
}
