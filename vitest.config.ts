import { defineConfig } from 'vitest/config'

// Sources instead of builds for our own workspaces; packages from elsewhere are resolved as Node does.
const conditions = ['@gastwin/source', 'node', 'module-sync', 'default']

/** Tests stand beside the code; `e2e/` drives the whole program, over UDP and in a browser. */
export default defineConfig({
  ssr: { resolve: { conditions, externalConditions: ['@gastwin/source'] } },
  resolve: { conditions },
  test: {
    include: [
      '{twin,analytics,server,datasets,web}/src/**/*.test.{ts,tsx}',
      'e2e/**/*.test.ts',
      'scripts/**/*.test.ts',
    ],
    testTimeout: 90_000,
    hookTimeout: 300_000,
    maxWorkers: 2,
    pool: 'forks',
  },
})
