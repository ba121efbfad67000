import { defineConfig } from '@playwright/test'

/** Browser tests start their own servers on free ports with their own databases (test/e2e/build/app.ts). */
export default defineConfig({
  testDir: 'test/e2e',
  // Two files at a time: each has a server of its own, and a browser test mostly waits.
  workers: 2,
  // A loaded machine may be late; the report names what needed another try.
  retries: process.env.CI ? 2 : 0,
  timeout: 120_000,
  expect: { timeout: 15_000 },
  outputDir: 'test-results/e2e',
  reporter: [['list'], ['json']],
  use: {
    actionTimeout: 15_000,
    // A trace of every test costs a third of the time; what failed is tried again, with a trace.
    trace: 'on-first-retry',
    launchOptions: {
      executablePath: process.env.CHROMIUM_PATH ?? '/usr/bin/chromium',
      args: [
        '--no-sandbox',
        '--disable-gpu',
        '--disable-quic',
        '--no-first-run',
        '--disable-background-networking',
        '--disable-component-update',
        '--disable-sync',
      ],
    },
  },
})
