import { createServer } from 'node:http';
import { createNodeHandler } from '@serving/http';
import { describe, expect, it } from 'vitest';
import { defineAdapterTestSuite } from './adapter-test-suite.js';
import type { CreateServer } from './adapter-under-test.js';
import { listenForAdapterTest } from './listen-for-adapter-test.js';

type Without = NonNullable<Parameters<typeof defineAdapterTestSuite>[1]['without']>;

/** The cases by group, as a test framework would get them. */
function casesOf(host: CreateServer, without: Without = []): ReadonlyMap<string, readonly (() => Promise<void>)[]> {
  const groups = new Map<string, (() => Promise<void>)[]>();
  let cases: (() => Promise<void>)[] = [];
  defineAdapterTestSuite(host, {
    describe(name, define) {
      cases = [];
      groups.set(name, cases);
      define();
    },
    it: (_name, test) => cases.push(test),
    without,
  });
  return groups;
}

const ignoresPrefix: CreateServer = ({ server, options }) =>
  listenForAdapterTest(createServer(createNodeHandler(server, options)));

describe('defineAdapterTestSuite', () => {
  it('fails an adapter that is not where it should be', async () => {
    const outcomes = await Promise.allSettled(
      casesOf(ignoresPrefix)
        .get('below a prefix')!
        .map((test) => test()),
    );
    expect(outcomes.map(({ status }) => status)).toEqual(outcomes.map(() => 'rejected'));
    expect(outcomes.length).toBeGreaterThan(3);
  });

  it('leaves out the cases of what a host has not got', () => {
    const without = casesOf(ignoresPrefix, ['prefix', 'body-parser', 'host-routes']);
    expect([...without.keys()]).toEqual(['answers', 'bodies', 'connections', 'shutdown', 'extensions']);
    expect(casesOf(ignoresPrefix).size).toBe(8);
  });
});
