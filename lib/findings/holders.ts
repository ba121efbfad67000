import { NO_INDEX } from '#lib/heap/snapshot'
import { formatCount } from '#lib/units/format'
import { seriesOf } from './containers.ts'
import type { Holder, OwnerStep } from './growth-model.ts'
import { change } from './growth-parts.ts'
import type { MergedOwners } from './merged-owners.ts'
import { isClassName, NUMBERED, SYNTHETIC } from './owner-names.ts'

/** Fewer new objects than this do not tell a collection from chance. */
const FEWEST_MORE = 5
/** Steps that words name: more of them are cut in the middle. */
const MOST_STEPS = 4
/** Without a class, module or named reference above it, a holder is told by its last steps. */
const STEPS_WITHOUT_NAME = 3

/**
 * Is there an object in it that somebody could empty? The categories of roots that V8 makes for a snapshot are none: what
 * two places of a program keep hangs below them.
 */
export const namesAnObject = ({ path }: Pick<Holder, 'path'>): boolean =>
  path.some(({ name }) => name !== SYNTHETIC && !isRootCategory(name)) ||
  (path.length > 0 && !path.some(({ name }) => name === SYNTHETIC))

const isRootCategory = (name: string): boolean => name.startsWith('(root: ')

/** A container (merged path) as a holder, in words and numbers. */
export function holderAt(owners: MergedOwners, container: number): Holder {
  const path = pathTo(owners, container)
  const run = collectionBelow(owners, container)
  const shown = run ?? container
  const example = owners.lastExample[shown]!
  const ownPath = owners.lastPath[container]!
  return {
    words: words(owners, path, container, run),
    path: run === undefined ? path : [...path, owners.step(run)],
    counts: seriesOf(owners.counts, container),
    retainedBytes: seriesOf(owners.retainedBytes, container),
    retainedObjects: seriesOf(owners.retainedObjects, container),
    references: seriesOf(owners.references, shown),
    ownerPath:
      ownPath === NO_INDEX ? undefined : run === undefined ? ownPath : lastPathOf(owners, run, ownPath),
    example: example === NO_INDEX ? undefined : example,
  }
}

/** From the root down; the root itself is no step. */
function pathTo(owners: MergedOwners, container: number): OwnerStep[] {
  const steps: OwnerStep[] = []
  for (let path = container; path !== 0; path = owners.parent[path]!) steps.push(owners.step(path))
  return steps.reverse()
}

/**
 * The part of a path that names it wherever it hangs: from the last class, module or named reference that is not the
 * end itself; root categories are left out. Used for words and for fingerprints.
 */
export function namedEnd(path: readonly OwnerStep[]): readonly OwnerStep[] {
  const steps = path.filter(({ name }) => !isRootCategory(name) && name !== SYNTHETIC)
  for (let at = steps.length - 1; at >= 0; at--) if (isModule(steps[at]!)) return steps.slice(at)
  const firstNamed = steps.findIndex(isNamed)
  if (firstNamed >= 0) {
    const before = steps[firstNamed - 1]
    const from = before && isConstructor(before) ? firstNamed - 1 : firstNamed
    return steps.slice(Math.max(from, steps.length - MOST_STEPS))
  }
  return steps.slice(-STEPS_WITHOUT_NAME)
}

const isModule = ({ name }: OwnerStep): boolean => isClassName(name)
/** "Map", not "(array)" or "system / Context". */
const isConstructor = ({ name }: OwnerStep): boolean => /^[^\s(/]+$/.test(name) && name !== 'global'
const isNamed = ({ edge }: OwnerStep): boolean => edge !== undefined && edge !== NUMBERED

/**
 * A collection that has one name with what it holds (a hash of hashes is one step of the tree) is found by its example:
 * the largest object there got as many references more as there are more objects.
 */
function collectionBelow(owners: MergedOwners, container: number): number | undefined {
  let best: number | undefined
  let most = 0
  for (const path of owners.children(container)) {
    const grown = change(seriesOf(owners.retainedBytes, path))
    if (grown <= most) continue
    most = grown
    best = path
  }
  if (best === undefined) return undefined
  const more = change(seriesOf(owners.counts, best))
  const references = change(seriesOf(owners.references, best))
  return more >= FEWEST_MORE && references >= more / 2 ? best : undefined
}

function words(
  owners: MergedOwners,
  path: readonly OwnerStep[],
  container: number,
  run: number | undefined,
): string {
  const steps = run === undefined ? namedEnd(path) : [...namedEnd(path), owners.step(run)]
  const end = steps.at(-1) ?? path.at(-1)
  if (end === undefined || !namesAnObject({ path })) return 'several roots (no single object)'
  // An internal array is part of the map, set or object before it.
  const shown = end.name === INTERNAL_ARRAY && steps.length > 1 ? steps.slice(0, -1) : steps
  const told = shown.filter((step) => step === shown.at(-1) || !isOfRuntime(step))
  const texts = (told.length === 0 ? [end] : told).map(stepWords)
  const text = texts.join(' → ')
  const cut = texts.length > MOST_STEPS ? [texts[0]!, '…', ...texts.slice(1 - MOST_STEPS)].join(' → ') : text
  return cut + size(owners, run ?? container, end, run !== undefined)
}

/** V8's own, between things of the program: the scope in which a variable lives. (Fingerprints keep it: the ledger has it.) */
const isOfRuntime = ({ name }: OwnerStep): boolean => name.startsWith('system / ')

/** What V8 calls the stores of its collections. */
const INTERNAL_ARRAY = '(array)'

/** "cache (Map)" where the dump names references, "Map" where it does not. */
function stepWords({ name, edge }: OwnerStep): string {
  // A class says what it is by its own name: the constant that leads to it has the same.
  if (edge === undefined || edge === NUMBERED || isClassName(name)) return name
  return name.startsWith('(') ? `${edge} ${name}` : `${edge} (${name})`
}

/** " of 10,500" for an array, " × 40" for many, nothing for a class. */
function size(owners: MergedOwners, path: number, end: OwnerStep, isOne: boolean): string {
  const count = owners.counts.at(-1)![path]!
  const references = owners.references.at(-1)![path]!
  if (!isOne && count > 1) return ` × ${formatCount(count)}`
  if (count === 0 || isModule(end)) return ''
  return end.name === 'Array'
    ? ` of ${formatCount(references)}`
    : ` with ${formatCount(references)} references`
}

/** The run's own path in the last capture: a child of the container's with the same names. */
function lastPathOf(owners: MergedOwners, run: number, container: number): number {
  const own = owners.lastPath[run]!
  return own === NO_INDEX ? container : own
}
