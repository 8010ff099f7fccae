import { defineConfig } from 'vitest/config'

/** Three lanes: unit tests beside the code, tests of the engine and of processes (`.it`), and the browser (`e2e/`). */
export default defineConfig({
  ssr: {
    resolve: {
      conditions: ['@gastwin/source', 'node', 'import', 'default'],
      externalConditions: ['@gastwin/source', 'node', 'import', 'default'],
    },
  },
  resolve: { conditions: ['@gastwin/source', 'node', 'import', 'default'] },
  test: {
    include: ['{twin,analytics,server,datasets,web}/src/**/*.test.ts', 'e2e/**/*.test.ts', 'scripts/**/*.test.ts'],
    testTimeout: 30_000,
    hookTimeout: 60_000,
    maxWorkers: 2,
    pool: 'forks',
  },
})
