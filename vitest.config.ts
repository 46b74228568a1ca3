import { fileURLToPath } from 'node:url';
import { defineConfig, type TestProjectInlineConfiguration } from 'vitest/config';

/** Workspace packages resolve to their sources; nothing has to be built to run a unit test. */
const conditions = ['@serving/source'];
const seeded = {
  find: /^fast-check$/,
  replacement: fileURLToPath(new URL('./.ci/seeded-fast-check.mjs', import.meta.url)),
};
const resolve = { conditions, alias: [seeded] };
const ssr = { resolve: { conditions, externalConditions: conditions } };

/** Far more than any test takes, on a machine that is busy with other things as well: it only ends tests that hang. */
const LIMIT_MS = 120_000;
const limits = { testTimeout: LIMIT_MS, hookTimeout: LIMIT_MS, expect: { poll: { timeout: LIMIT_MS / 2 } } };

/** Tests that load no library and leave nothing behind: their files share the processes, one to a worker, which takes half of the time. */
const sharingProcesses = ['core', 'json-codec', 'onnx-compiler', 'protos'].map(
  (name) => `packages/${name}/src/**/*.test.ts`,
);

const packages = {
  environment: 'node',
  restoreMocks: true,
  ...limits,
  // Many tests start servers with models that do not load, and a test may not print.
  execArgv: ['--disable-warning=SERVING_MODELS_UNAVAILABLE'],
} satisfies TestProjectInlineConfiguration['test'];

export default defineConfig({
  test: {
    teardownTimeout: 60_000,
    maxWorkers: '100%',
    reporters: process.env.CI
      ? ['default', './.ci/stuck-tests.mjs', ['json', { outputFile: '.cache/test-results.json' }]]
      : ['default'],
    projects: [
      {
        resolve,
        ssr,
        test: {
          ...packages,
          name: 'packages',
          include: ['packages/*/src/**/*.test.ts', 'packages/console/web/**/*.test.ts'],
          exclude: sharingProcesses,
        },
      },
      { resolve, ssr, test: { ...packages, name: 'shared processes', include: sharingProcesses, isolate: false } },
      {
        test: {
          name: 'examples',
          include: ['examples/*/*.test.js', 'docs/*.test.js', '.ci/**/*.test.js'],
          environment: 'node',
          ...limits,
        },
      },
    ],
  },
});
