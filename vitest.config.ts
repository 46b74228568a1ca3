import { defineConfig } from 'vitest/config';

/** Workspace packages resolve to their sources; nothing has to be built to run a unit test. */
const conditions = ['@serving/source', 'node', 'import', 'module', 'default'];

export default defineConfig({
  test: {
    reporters: ['default'],
    projects: [
      {
        resolve: { conditions },
        ssr: { resolve: { conditions, externalConditions: conditions } },
        test: {
          name: 'packages',
          include: ['packages/*/src/**/*.test.ts'],
          environment: 'node',
          restoreMocks: true,
        },
      },
    ],
  },
});
