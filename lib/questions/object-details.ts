import { fingerprint } from '#lib/findings/fingerprint'
import { siteAt, siteWords } from '#lib/findings/group-table'
import { dominatedCount } from '#lib/heap/dominated'
import { pathTo } from '#lib/heap/paths'
import { type Retention, subtreeEnd } from '#lib/heap/retention'
import { rootLabel } from '#lib/heap/roots'
import { DOM_FLAGS, NO_INDEX, OBJECT_FLAGS } from '#lib/heap/snapshot'
import type { ObjectDetails, PathStep } from '#lib/reports/objects'
import { objectLine } from './object-line.ts'
import type { OpenedHeap } from './opened-heap.ts'
import { rootsOf } from './related.ts'
import { hasValue } from './value-source.ts'

/** Of a longer path the first and the last steps are shown: a list can be 400,000 long. */
const STEPS_AT_EITHER_END = 60
/** Groups of what an object holds. */
const MAX_HELD_GROUPS = 50

/** Everything that the inspector shows of one object. O(objects that it retains + length of its path). */
export function objectDetails(heap: OpenedHeap, object: number): ObjectDetails {
  const { snapshot, retention } = heap
  const line = objectLine(heap, object)
  const total = retention.retainedBytes[0]!
  const roots = rootsOf(heap, object)
  const { start } = heap.referrers
  return {
    line,
    retainedShare: line.retainedBytes === null || total === 0 ? null : line.retainedBytes / total,
    facts: facts(heap, object, roots),
    path: path(heap, object),
    holds: holds(heap, object),
    referrers: start[object + 1]! - start[object]! - roots.length,
    dominated: dominatedCount(retention, retention.firstObject + object),
    hasValue: hasValue(snapshot, object),
    fingerprint: fingerprintOf(heap, object),
  }
}

/** Bits of `flags` in words, where they say something to a person who looks for memory. */
type FlagWords = readonly (readonly [bit: number, words: string])[]
const DOM_WORDS: FlagWords = [
  [DOM_FLAGS.attached, 'in a document of the page'],
  [DOM_FLAGS.detached, 'detached: in no document of the page any more'],
]
const RUBY_WORDS: FlagWords = [
  [OBJECT_FLAGS.old, 'old: survived several collections'],
  [OBJECT_FLAGS.uncollectible, 'pinned by the collector'],
  [OBJECT_FLAGS.frozen, 'frozen'],
  [OBJECT_FLAGS.shared, 'shares its content with another object'],
  [OBJECT_FLAGS.embedded, 'content inside the object itself'],
  [OBJECT_FLAGS.singleton, 'singleton class'],
]

function facts({ snapshot }: OpenedHeap, object: number, roots: readonly string[]): ObjectDetails['facts'] {
  const found: { name: string; value: string }[] = []
  if (roots.length > 0) found.push({ name: 'GC root', value: roots.join(', ') })
  const meanings = snapshot.keyKind === 'id' ? DOM_WORDS : RUBY_WORDS
  const words = meanings.filter(([bit]) => (snapshot.flags[object]! & bit) !== 0).map(([, word]) => word)
  if (words.length > 0) found.push({ name: 'State', value: words.join(', ') })
  return found
}

function path(heap: OpenedHeap, object: number): PathStep[] {
  const { snapshot, retention } = heap
  const steps = pathTo(snapshot, heap.paths, object)
  const isLong = steps.length > 2 * STEPS_AT_EITHER_END
  const shown = isLong
    ? [...steps.slice(0, STEPS_AT_EITHER_END), ...steps.slice(-STEPS_AT_EITHER_END)]
    : steps
  const words = shown.map(({ node, edge }): PathStep => {
    if (node < retention.firstObject) return { kind: 'root', name: rootLabel(snapshot, node - 1) }
    return {
      kind: 'object',
      line: objectLine(heap, node - retention.firstObject, edge),
      isDominator: isDominator(retention, node, retention.firstObject + object),
    }
  })
  if (isLong)
    words.splice(STEPS_AT_EITHER_END, 0, { kind: 'gap', steps: steps.length - 2 * STEPS_AT_EITHER_END })
  return words
}

/** Is `node` another node that all paths to `below` go through? Its subtree is a range of ranks. O(1). */
function isDominator(retention: Retention, node: number, below: number): boolean {
  const { rank } = retention
  if (node === below || rank[node] === NO_INDEX || rank[below] === NO_INDEX) return false
  return rank[node]! <= rank[below]! && rank[below]! < subtreeEnd(retention, node)
}

/** What would be freed with the object, by group, the object itself not counted: the largest first. */
function holds(heap: OpenedHeap, object: number): ObjectDetails['holds'] {
  const { snapshot, retention } = heap
  const { rank, order, firstObject } = retention
  const node = firstObject + object
  if (rank[node] === NO_INDEX) return []
  const { table, groupOf } = heap.groups
  const count = new Float64Array(table.groups)
  const bytes = new Float64Array(table.groups)
  const seen: number[] = []
  const end = subtreeEnd(retention, node)
  for (let at = rank[node]! + 1; at < end; at++) {
    const held = order[at]! - firstObject
    const group = groupOf[held]!
    if (count[group] === 0) seen.push(group)
    count[group]!++
    bytes[group]! += snapshot.hugeBytes.get(held) ?? snapshot.shallowBytes[held]!
  }
  seen.sort((a, b) => bytes[b]! - bytes[a]! || a - b)
  return seen.slice(0, MAX_HELD_GROUPS).map((group) => {
    const site = siteAt(table, table.site[group]!)
    return {
      type: table.typeNames[table.type[group]!]!,
      className: table.classNames[table.className[group]!]!.slice(0, 200),
      site: site === undefined ? null : siteWords(site).slice(0, 1000),
      count: count[group]!,
      bytes: bytes[group]!,
    }
  })
}

/** Where an object was allocated, its class and its site say by what the ledger knows it; otherwise only a comparison can tell. */
function fingerprintOf({ groups }: OpenedHeap, object: number): string | null {
  const { table, groupOf } = groups
  const group = groupOf[object]!
  const site = siteAt(table, table.site[group]!)
  if (site === undefined) return null
  const type = table.typeNames[table.type[group]!]!
  return fingerprint({ type, className: table.classNames[table.className[group]!]!, site, path: [] })
}
