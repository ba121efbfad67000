// Finds a Chromium for the browser tests, or installs one, and says so.
import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'

const KNOWN = [
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
  '/usr/bin/google-chrome-stable',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  '/Applications/Chromium.app/Contents/MacOS/Chromium',
]

/** The path of a browser that Playwright can drive; undefined when there is none. */
async function find() {
  if (process.env.CHROMIUM_PATH) return process.env.CHROMIUM_PATH
  const known = KNOWN.find((path) => existsSync(path))
  if (known) return known
  const { chromium } = await import('@playwright/test')
  const own = chromium.executablePath()
  return existsSync(own) ? own : undefined
}

const quietly = (command, args) =>
  spawnSync(command, args, { stdio: ['ignore', 'ignore', 'inherit'] }).status === 0

/** @returns the path of a Chromium. @throws Error that says what to install when every way failed. */
export async function requireChromium() {
  const present = await find()
  if (present) return present
  console.log('No Chromium found: installing one for the browser tests.')
  if (process.platform === 'linux' && process.getuid?.() === 0 && existsSync('/usr/bin/apt-get')) {
    console.log('  apt-get install chromium')
    quietly('apt-get', ['update', '-qq'])
    quietly('apt-get', ['install', '-y', '-qq', '--no-install-recommends', 'chromium', 'fonts-dejavu-core'])
  } else {
    console.log('  npx playwright install chromium')
    quietly('npx', ['playwright', 'install', 'chromium'])
  }
  const installed = await find()
  if (!installed)
    throw new Error('Chromium could not be installed. Install it yourself and set CHROMIUM_PATH.')
  return installed
}
