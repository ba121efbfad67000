import type { FactCollector } from './facts.ts'
import { isNative } from './native-packages.ts'

/** A package-lock.json nests its first version's dependencies; nobody has more than this. */
const MOST_PACKAGES = 50_000

/**
 * Reads package-lock.json (versions 1 to 3) and `npm ls --json`.
 * @returns false when it is neither
 */
export function readLockfileJson(text: string, facts: FactCollector): boolean {
  const lock = objectOf(json(text))
  if (!lock) return false
  const packages = objectOf(lock.get('packages'))
  if (packages) {
    for (const [path, entry] of packages) {
      const name = path.split('node_modules/').at(-1)
      const facts1 = objectOf(entry)
      const version = facts1?.get('version')
      if (path === '' || !name || typeof version !== 'string' || facts1?.get('link') === true) continue
      addPackage(facts, name, version, facts1?.get('hasInstallScript') === true)
    }
    return true
  }
  const dependencies = objectOf(lock.get('dependencies'))
  if (!dependencies) return false
  const waiting = [...dependencies]
  // An own stack: files may nest as deep as they like.
  for (let seen = 0; waiting.length > 0 && seen < MOST_PACKAGES; seen++) {
    const [name, entry] = waiting.pop()!
    const one = objectOf(entry)
    const version = one?.get('version')
    if (typeof version === 'string') addPackage(facts, name, version, false)
    for (const below of objectOf(one?.get('dependencies')) ?? []) waiting.push(below)
  }
  return true
}

/** What builds or fetches something when it is installed mostly carries compiled code. */
function addPackage(facts: FactCollector, name: string, version: string, builds: boolean): void {
  facts.add(builds || isNative(name) ? 'native-library' : 'package', name, version)
}

/** Hostile names never become keys of an object of ours. */
function objectOf(value: unknown): ReadonlyMap<string, unknown> | undefined {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined
  return new Map(Object.entries(value))
}

function json(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
