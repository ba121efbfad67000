// What the live story needs of a machine (test/e2e/live-story.spec.ts). Run by `npm test`: installs what is missing where it
// may, as root on Debian, and says what is not there where it may not: the recording is then told instead.
import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { pathToFileURL } from 'node:url'

const HEADERS = "exit File.exist?(File.join(RbConfig::CONFIG['rubyhdrdir'], 'ruby.h'))"
const runs = (program: string, ...args: string[]): boolean =>
  spawnSync(program, args, { stdio: 'ignore' }).status === 0

/** What is needed, how it is found to be there, and what it is called by Debian. */
const NEEDED: readonly (readonly [string, () => boolean, readonly string[]])[] = [
  ['ruby', () => runs('ruby', '--version'), ['ruby']],
  ['Ruby’s headers (ruby-dev)', () => runs('ruby', '-rrbconfig', '-e', HEADERS), ['ruby-dev']],
  ['C compiler', () => runs('gcc', '--version'), ['gcc', 'libc6-dev']],
  ['make', () => runs('make', '--version'), ['make']],
  ['memcached', () => runs('memcached', '-V'), ['memcached']],
  ['curl', () => runs('curl', '--version'), ['curl']],
  ['/proc (Linux)', () => process.platform === 'linux', []],
]

const absent = () => NEEDED.filter(([, isThere]) => !isThere())

/** What of it is not here. Empty: the story can be played. */
export const missingForTheStory = (): string[] => absent().map(([name]) => name)

function install(packages: readonly string[]): void {
  const quietly = (...args: string[]) =>
    spawnSync('apt-get', args, {
      stdio: ['ignore', 'ignore', 'inherit'],
      env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
    })
  console.log(`  apt-get install ${packages.join(' ')}`)
  quietly('update', '-qq')
  quietly('install', '-y', '-qq', '--no-install-recommends', ...packages)
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) {
  const packages = absent().flatMap(([, , names]) => names)
  if (packages.length > 0) {
    console.log('Not everything is here for the live story.')
    if (process.getuid?.() === 0 && existsSync('/usr/bin/apt-get')) install(packages)
    const missing = missingForTheStory()
    if (missing.length > 0)
      console.log(`  Without ${missing.join(', ')}: its recording is told instead (docs/the-story-live.md).`)
  }
}
