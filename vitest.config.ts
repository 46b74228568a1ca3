import { defineConfig } from 'vitest/config';

/** Workspace packages resolve to their sources; nothing has to be built to run a unit test. */
const conditions = ['@serving/source'];
const resolve = { conditions };
const ssr = { resolve: { conditions, externalConditions: conditions } };

export default defineConfig({
  test: {
    maxWorkers: '100%',
    reporters: process.env['CI'] ? ['default', ['json', { outputFile: '.cache/test-results.json' }]] : ['default'],
    projects: [
      {
        resolve,
        ssr,
        test: {
          name: 'packages',
          include: ['packages/*/src/**/*.test.ts'],
          environment: 'node',
          restoreMocks: true,
          testTimeout: 20_000,
        },
      },
      {
        test: {
          name: 'examples',
          include: ['examples/*/*.test.js', 'docs/*.test.js'],
          environment: 'node',
          testTimeout: 60_000,
        },
      },
    ],
  },
});
