import { type Environment, FactCollector } from './facts.ts'
import { readLockfileJson } from './lockfile-json.ts'
import { isNative } from './native-packages.ts'

/** More than this is not read: a lockfile of thousands of packages has a megabyte. */
const LONGEST_TEXT = 4_000_000
const LONGEST_LINE = 2000

/** Where in a lockfile the lines are. */
interface Place {
  section: 'gem-specs' | 'ruby-version' | 'bundled-with' | 'none'
  /** The package whose version comes in one of the next lines (yarn.lock, poetry.lock, uv.lock). */
  open: string | undefined
}

/**
 * Reads what people paste to describe an environment, one or several of: `bundle list`, Gemfile.lock, `pip freeze`,
 * poetry.lock, uv.lock, `npm ls`, package-lock.json, yarn.lock, `ruby -v` and the like, `uname -a`, /etc/os-release,
 * `ldd --version`, /proc/PID/maps, environment variables (only those that are known to matter: others may be secrets), and lines such as
 * "workers: 4" or "health memcached: flapping since May". Never throws; what says nothing is counted. O(text).
 */
export function readEnvironment(text: string): Environment {
  const facts = new FactCollector()
  const cut = text.slice(0, LONGEST_TEXT)
  if (/^\s*\{/.test(cut) && readLockfileJson(cut, facts)) return { facts: facts.done(), ignored: 0 }
  const place: Place = { section: 'none', open: undefined }
  let ignored = 0
  for (const raw of cut.split(/\r?\n/)) {
    const line = raw.slice(0, LONGEST_LINE)
    if (line.trim() === '') {
      place.section = 'none'
      continue
    }
    if (!READERS.some((read) => read(line, facts, place))) ignored++
  }
  return { facts: facts.done(), ignored }
}

/** Takes a line if it is one of its kind. */
type Reader = (line: string, facts: FactCollector, place: Place) => boolean

function addPackage(facts: FactCollector, name: string, version: string, hasPlatform = false): void {
  facts.add(hasPlatform || isNative(name) ? 'native-library' : 'package', name, version)
}

/** "DEPENDENCIES" and so on start a section of Gemfile.lock; only what is installed counts, not what is asked for. */
const gemfileSection: Reader = (line, _, place) => {
  const [title] =
    /^(?:GEM|GIT|PATH|PLATFORMS|DEPENDENCIES|RUBY VERSION|BUNDLED WITH|CHECKSUMS)$/.exec(line) ?? []
  if (title === undefined) return false
  place.section =
    title === 'GEM' || title === 'GIT' || title === 'PATH'
      ? 'gem-specs'
      : title === 'RUBY VERSION'
        ? 'ruby-version'
        : title === 'BUNDLED WITH'
          ? 'bundled-with'
          : 'none'
  return true
}

const gemfileLine: Reader = (line, facts, { section }) => {
  if (section === 'none') return false
  if (section === 'bundled-with') {
    facts.add('setting', 'bundler', line.trim())
    return true
  }
  if (section === 'ruby-version') return runtimeVersion(line.trim(), facts, { section, open: undefined })
  // Four spaces: installed. Six: what it asks for. Two: remote and specs.
  const [, name, version, platform] = /^ {4}([\w.-]+) \(([^()\s-]+)(?:-([a-z][\w.-]*))?\)$/.exec(line) ?? []
  if (name && version) addPackage(facts, name, version, platform !== undefined && platform !== 'java')
  return true
}

/** "  * nokogiri (1.15.4)", also with a commit behind the version. */
const bundleList: Reader = (line, facts) => {
  const [, name, version] = /^\s*\* ([\w.-]+) \(([^()]+)\)/.exec(line) ?? []
  if (!name || !version) return /^Gems included by the bundle/.test(line)
  addPackage(facts, name, version)
  return true
}

/** "numpy==1.26.0", "pkg @ git+https://…@commit", "-e git+…#egg=pkg". */
const pipFreeze: Reader = (line, facts) => {
  const pinned = /^([A-Za-z0-9][\w.-]*)(?:\[[\w,.-]*\])?===?([^\s;]+)/.exec(line)
  const placed = /^([A-Za-z0-9][\w.-]*) @ (\S+)/.exec(line)
  const editable = /^-e (\S+?)#egg=([\w.-]+)/.exec(line)
  const [name, version] = pinned
    ? [pinned[1], pinned[2]]
    : placed
      ? [placed[1], withoutSecrets(placed[2]!)]
      : editable
        ? [editable[2], withoutSecrets(editable[1]!)]
        : []
  if (!name || !version) return false
  addPackage(facts, name.toLowerCase().replaceAll('_', '-'), version)
  return true
}

/** Addresses of packages may carry a name and a password. */
const withoutSecrets = (address: string): string => address.replace(/\/\/[^/@\s]*@/, '//')

/** "│ └─┬ @scope/name@1.2.3 deduped", and "name@1.2.3 /path" of the project itself. */
const npmTree: Reader = (line, facts) => {
  const [, missing, name, version] =
    /^[\s│├└─┬|+`-]*[├└+`][─┬-]+\s*(UNMET (?:OPTIONAL )?DEPENDENCY )?((?:@[\w.-]+\/)?[\w.-]+)@(\S+)/.exec(
      line,
    ) ?? []
  if (!name || !version) return false
  if (missing === undefined) addPackage(facts, name, version)
  return true
}

/** yarn.lock: `"@scope/name@^1.0.0", name@^2:` and then `  version "1.2.3"`. */
const yarnLock: Reader = (line, facts, place) => {
  const [, name] = /^"?((?:@[\w.-]+\/)?[\w.-]+)@.*:$/.exec(line) ?? []
  if (name && !line.startsWith(' ')) {
    place.open = name
    return true
  }
  const [, version] = /^ {2}version:? "?([^"\s]+)"?$/.exec(line) ?? []
  if (!version || place.open === undefined) return false
  addPackage(facts, place.open, version)
  place.open = undefined
  return true
}

/** poetry.lock and uv.lock: `name = "…"` and `version = "…"` below [[package]]. */
const tomlLock: Reader = (line, facts, place) => {
  if (/^\[\[package\]\]$/.test(line)) {
    place.open = ''
    return true
  }
  const [, key, value] = /^(name|version) = "([^"]+)"$/.exec(line) ?? []
  if (key === 'name' && value && place.open === '') place.open = value
  else if (key === 'version' && value && place.open) {
    addPackage(facts, place.open, value)
    place.open = undefined
  } else return false
  return true
}

/** What a runtime says of itself. */
const RUNTIMES: readonly (readonly [pattern: RegExp, name: string])[] = [
  [/^ruby (\d[\w.]*)/, 'ruby'],
  [/^(?:jruby|truffleruby) (\d[\w.-]*)/, 'ruby (other)'],
  [/^(?:C?Python|PyPy) (\d[\w.+]*)/, 'python'],
  [/^(?:node )?v(\d+\.\d+\.\d+\S*)$/, 'node'],
  [/^(?:openjdk|java) (?:version )?"?(\d[\w.+-]*)/, 'java'],
  [/^go version go(\S+)/, 'go'],
  [/^PHP (\d[\w.-]*)/, 'php'],
  [/^(?:Erlang\/OTP|Elixir) (\d[\w.]*)/, 'beam'],
]

const runtimeVersion: Reader = (line, facts) => {
  for (const [pattern, name] of RUNTIMES) {
    const [, version] = pattern.exec(line.trim()) ?? []
    if (!version) continue
    facts.add('runtime', name, version)
    const [, platform] = /\[([\w.-]+)\]\s*$/.exec(line) ?? []
    if (platform) facts.add('os', 'platform', platform)
    if (/\+(YJIT|MJIT|RJIT)/.test(line)) facts.add('setting', `${name} jit`, 'on')
    return true
  }
  return false
}

const system: Reader = (line, facts) => {
  const uname = /^Linux \S+ (\S+) .*?\b(x86_64|aarch64|arm64|armv7l|ppc64le|s390x|riscv64)\b/.exec(line)
  if (uname) {
    facts.add('kernel', 'linux', uname[1]!)
    facts.add('os', 'architecture', uname[2]!)
    return true
  }
  const release = /^PRETTY_NAME="?([^"]+)"?$/.exec(line)
  if (release) facts.add('os', 'distribution', release[1]!)
  // The rest of /etc/os-release says the same again.
  if (release || /^(?:NAME|VERSION|VERSION_ID|VERSION_CODENAME|ID|ID_LIKE|[A-Z_]+_URL)=/.test(line))
    return true
  const glibc = /^ldd \(([^)]*)\) (\d[\w.]*)/.exec(line)
  const musl = /^musl libc/.exec(line)
  if (glibc) facts.add('libc', 'glibc', `${glibc[2]} (${glibc[1]})`)
  if (musl) facts.add('libc', 'musl', 'yes')
  return Boolean(glibc || musl)
}

/** Variables that change how memory is used. No other is kept: values may be secrets. */
const MATTERING: readonly (readonly [pattern: RegExp, kind: 'allocator' | 'concurrency' | 'setting'])[] = [
  [
    /^(?:MALLOC_[A-Z_]+|LD_PRELOAD|PYTHONMALLOC|GLIBC_TUNABLES|_RJEM_MALLOC_CONF|JEMALLOC_[A-Z_]+|TCMALLOC_[A-Z_]+)$/,
    'allocator',
  ],
  [
    /^(?:WEB_CONCURRENCY|RAILS_MAX_THREADS|RAILS_MIN_THREADS|PUMA_[A-Z_]*(?:THREADS|WORKERS)|SIDEKIQ_CONCURRENCY|GOMAXPROCS|UV_THREADPOOL_SIZE|WORKERS|THREADS)$/,
    'concurrency',
  ],
  [
    /^(?:RUBY_GC_[A-Z_]+|RUBYOPT|RUBY_YJIT_ENABLE|NODE_OPTIONS|NODE_ENV|RAILS_ENV|RACK_ENV|GOGC|GOMEMLIMIT|GODEBUG|JAVA_OPTS|JAVA_TOOL_OPTIONS|PYTHONDEVMODE)$/,
    'setting',
  ],
]

const variable: Reader = (line, facts) => {
  const [, name, value] = /^(?:export )?([A-Z_][A-Z0-9_]*)=(.*)$/.exec(line.trim()) ?? []
  if (name === undefined || value === undefined) return false
  const [, kind] = MATTERING.find(([pattern]) => pattern.test(name)) ?? []
  if (kind) facts.add(kind, name, value.replace(/^(["'])(.*)\1$/, '$2'))
  return true
}

/** "workers: 4", "threads: 5", "memory limit: 16 GiB", "health memcached: flapping since May". */
const spoken: Reader = (line, facts) => {
  const [, health, trouble] = /^health (?:of )?([\w .-]{1,60}):\s*(.+)$/i.exec(line.trim()) ?? []
  if (health && trouble) {
    facts.add('dependency-health', health.toLowerCase(), trouble.toLowerCase())
    return true
  }
  const [, name, value] =
    /^(workers|threads|processes|concurrency|swap|memory limit|ulimit|overcommit|data size|allocator|traffic):\s*(.+)$/i.exec(
      line.trim(),
    ) ?? []
  if (!name || !value) return false
  const plain = name.toLowerCase()
  const kind = /^(?:workers|threads|processes|concurrency)$/.test(plain)
    ? 'concurrency'
    : plain === 'allocator'
      ? 'allocator'
      : 'setting'
  facts.add(kind, plain, value)
  return true
}

/** Lines of /proc/PID/maps, `ldd` or `pmap`: the shared objects that a process really has. */
const sharedObject: Reader = (line, facts) => {
  if (/^[0-9a-f]{6,16}-[0-9a-f]{6,16} /.test(line) && !/\.so[\d.]*$/.test(line)) return true
  const [, name, version] =
    /(?:^|\/|\s)(lib[A-Za-z0-9_+.-]{1,60}?)[.-]?(\d[\d.]*)?\.so(?:\.\d[\d.]*)?(?:\s|$)/.exec(line) ?? []
  const [, behind] = /\.so\.(\d[\d.]*)/.exec(line) ?? []
  if (!name) return false
  const kind = /^lib(?:jemalloc|tcmalloc|mimalloc)/.test(name) ? 'allocator' : 'native-library'
  facts.add(kind, name, version ?? behind ?? 'there')
  return true
}

const READERS: readonly Reader[] = [
  gemfileSection,
  gemfileLine,
  bundleList,
  npmTree,
  tomlLock,
  yarnLock,
  runtimeVersion,
  system,
  variable,
  sharedObject,
  pipFreeze,
  spoken,
]
