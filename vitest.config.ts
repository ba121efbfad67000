import { defineConfig } from 'vitest/config'

/** Vite puts its own base path, "/", into BASE_URL, where our environment (lib/env.ts) expects an address or nothing. */
const env = { BASE_URL: '' }

/**
 * Three projects, from fast to slow. `unit` needs nothing but Node; `integration` and `realtime` run against a
 * real PostgreSQL that `test/build/postgres.ts` starts once and of which every file gets its own clone.
 */
export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: 'unit',
          env,
          include: [
            'test/unit/**/*.test.{ts,tsx}',
            'test/formats/**/*.test.ts',
            'test/architecture/**/*.test.ts',
          ],
          // Vitest would leave one core to itself.
          maxWorkers: 2,
          // Projects with different numbers of workers run in turn when somebody runs tests of both.
          sequence: { groupOrder: 0 },
          // Whole dumps are read in some, on machines that are busy with more than that.
          testTimeout: 30_000,
        },
      },
      {
        test: {
          name: 'integration',
          env,
          include: [
            'test/integration/**/*.test.ts',
            'test/realtime/**/*.test.ts',
            'test/contract/**/*.test.ts',
          ],
          globalSetup: './test/build/postgres.ts',
          testTimeout: 30_000,
          hookTimeout: 60_000,
          // Of what these do, a third is waiting.
          maxWorkers: 3,
          sequence: { groupOrder: 1 },
        },
      },
    ],
  },
})
