import { formatShare } from '#lib/units/format'
import type { Environment, EnvironmentFact, FactKind } from './environment/facts.ts'
import { LIKE_ENOUGH } from './result.ts'

/** How much a fact of this kind counts: what changes memory most counts most. */
const WEIGHTS: Record<FactKind, number> = {
  'native-library': 5,
  allocator: 5,
  'dependency-health': 5,
  runtime: 4,
  libc: 3,
  concurrency: 3,
  kernel: 2,
  os: 1,
  setting: 1,
  package: 1,
}

/**
 * All packages without compiled code together count at most this much, or two hundred equal ones would hide another
 * runtime; all native ones at most that.
 */
const MOST_OF_KIND: Partial<Record<FactKind, number>> = { package: 10, 'native-library': 25 }

/** Nobody may call environments alike without having looked at these. */
const ESSENTIAL: readonly FactKind[] = ['runtime', 'allocator', 'native-library', 'dependency-health']

/** `missing`: only one side has it. `other`: no version to compare, a different value. */
export type DifferenceClass = 'equal' | 'patch' | 'minor' | 'major' | 'missing' | 'other'

export interface ParityRow {
  readonly kind: FactKind
  readonly name: string
  /** Null: not there, or not told. */
  readonly production: string | null
  readonly reproduction: string | null
  readonly difference: DifferenceClass
  readonly weight: number
}

/** Production and the reproduction side by side. */
export interface Parity {
  /** Weighted share of what is equal, 0 to 1; null when nothing was given for one of the two. */
  readonly score: number | null
  readonly isAlike: boolean
  /** Differences first, the weightiest first. */
  readonly rows: readonly ParityRow[]
  /** Essential kinds that neither side says anything about. */
  readonly untold: readonly FactKind[]
  readonly words: string
}

/**
 * Compares two environments. Each fact weighs as its kind, packages of one kind together at most their cap; the score is
 * the weight of what is equal over all. Rows in `waived` (by `rowKey`), which somebody declared not to matter, count as
 * equal. O(facts · log facts).
 */
export function parity(
  production: Environment,
  reproduction: Environment,
  waived: ReadonlySet<string> = new Set(),
): Parity {
  const there = byKey(production)
  const here = byKey(reproduction)
  const keys = new Set([...there.keys(), ...here.keys()])
  const perKind = new Map<FactKind, number>()
  for (const key of keys) {
    const { kind } = (there.get(key) ?? here.get(key))!
    perKind.set(kind, (perKind.get(kind) ?? 0) + 1)
  }
  const rows = [...keys].map((key): ParityRow => {
    const { kind, name } = (there.get(key) ?? here.get(key))!
    const a = there.get(key)?.value ?? null
    const b = here.get(key)?.value ?? null
    return {
      kind,
      name,
      production: a,
      reproduction: b,
      difference: classOf(a, b),
      weight: weightOf(kind, perKind),
    }
  })
  const total = rows.reduce((sum, row) => sum + row.weight, 0)
  const isEqual = (row: ParityRow): boolean => row.difference === 'equal' || waived.has(rowKey(row))
  const equal = rows.reduce((sum, row) => sum + (isEqual(row) ? row.weight : 0), 0)
  const score = there.size === 0 || here.size === 0 ? null : equal / total
  const untold = ESSENTIAL.filter((kind) => !perKind.has(kind))
  return {
    score,
    isAlike: score !== null && score >= LIKE_ENOUGH,
    rows: rows.sort(mostDifferentFirst),
    untold,
    words: wordsOf(
      score,
      rows.filter((row) => !isEqual(row)),
      untold,
    ),
  }
}

/** Names a row for `waived`. */
export const rowKey = ({ kind, name }: Pick<EnvironmentFact, 'kind' | 'name'>): string => `${kind}\n${name}`

function byKey({ facts }: Environment): Map<string, EnvironmentFact> {
  return new Map(facts.map((fact) => [rowKey(fact), fact]))
}

function weightOf(kind: FactKind, perKind: ReadonlyMap<FactKind, number>): number {
  const most = MOST_OF_KIND[kind] ?? Number.POSITIVE_INFINITY
  return Math.min(WEIGHTS[kind], most / (perKind.get(kind) ?? 1))
}

/** The first part of a version that differs tells its class: 7.0.4 and 7.1.0 differ in the minor one. */
export function classOf(a: string | null, b: string | null): DifferenceClass {
  if (a === null || b === null) return 'missing'
  if (a === b) return 'equal'
  const parts = [a, b].map((text) => /^v?(\d+)(?:\.(\d+))?(?:\.(\d+))?/.exec(text))
  const [x, y] = parts
  if (!x || !y) return 'other'
  if (x[1] !== y[1]) return 'major'
  if (x[2] !== y[2]) return 'minor'
  return 'patch'
}

const FAR: readonly DifferenceClass[] = ['missing', 'major', 'other', 'minor', 'patch', 'equal']

function mostDifferentFirst(a: ParityRow, b: ParityRow): number {
  return (
    Number(a.difference === 'equal') - Number(b.difference === 'equal') ||
    WEIGHTS[b.kind] - WEIGHTS[a.kind] ||
    FAR.indexOf(a.difference) - FAR.indexOf(b.difference) ||
    (a.name < b.name ? -1 : a.name > b.name ? 1 : 0)
  )
}

const KIND_WORDS: Record<FactKind, string> = {
  'native-library': 'libraries with compiled code',
  allocator: 'the allocator',
  'dependency-health': 'the health of dependencies',
  runtime: 'the runtime',
  libc: 'the C library',
  concurrency: 'workers and threads',
  kernel: 'the kernel',
  os: 'the system',
  setting: 'settings',
  package: 'packages',
}

function wordsOf(score: number | null, open: readonly ParityRow[], untold: readonly FactKind[]): string {
  if (score === null) return 'Not compared: paste what describes both environments.'
  const count = open.length === 1 ? '1 difference' : `${open.length} differences`
  const alike = `${formatShare(score)} alike, ${count}.`
  const verdict =
    score >= LIKE_ENOUGH
      ? ''
      : ` Below ${formatShare(LIKE_ENOUGH)} a run without growth says nothing about production.`
  const silence =
    untold.length === 0
      ? ''
      : ` Neither side says anything about ${untold.map((kind) => KIND_WORDS[kind]).join(', ')}.`
  return `${alike}${verdict}${silence}`
}
